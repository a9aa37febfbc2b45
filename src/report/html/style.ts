export const pageStyle = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f6f7f9; --line: #d5d9e0; --ink: #1a1d23; --quiet: #535b69; --link: #0b57b0;
  --bad: #a8121d; --bad-back: #fdecec; --watch: #7a4b00; --watch-back: #fdf3dc;
  --good: #17632c; --good-back: #e6f5ea; --note: #37536e; --note-back: #eaf1f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171c; --panel: #1b1f26; --line: #363d49; --ink: #e4e7ec; --quiet: #a3abb9; --link: #86b8ff;
    --bad: #ff9c9c; --bad-back: #3a1a1d; --watch: #f0c26b; --watch-back: #33280f;
    --good: #86d69a; --good-back: #15301d; --note: #a6c4e2; --note-back: #1c2a38;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 9rem; }
body {
  margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 76rem; background: var(--back); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, sans-serif;
}
code, pre { font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { unicode-bidi: isolate; overflow-wrap: anywhere; }
bdi { overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.quiet { color: var(--quiet); }
.hidden, .skip:not(:focus) {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; z-index: 3; padding: 0.5rem; background: var(--back); }
[hidden] { display: none !important; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 0; }
h1 { font-size: 1.5rem; font-weight: 650; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; } h3 code { font-size: 0.9375rem; }
h4, h5 { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); margin: 0.9rem 0 0.35rem; }
p { margin: 0.35rem 0; }
ul { margin: 0; padding: 0; list-style: none; }
.top { padding-top: 1.5rem; }
.ink.tone-bad { color: var(--bad); } .ink.tone-watch { color: var(--watch); } .ink.tone-good { color: var(--good); }
.accounts { margin-top: 0.5rem; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 0.5rem; font-size: 0.8125rem; }
.tiles { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1rem 0; }
.tiles li { border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.75rem; font-size: 0.875rem; }
.tiles b { font-size: 1.25rem; font-variant-numeric: tabular-nums; margin-right: 0.25rem; }
.tiles .bad { color: var(--bad); background: var(--bad-back); border-color: currentColor; }
.tiles .watch { color: var(--watch); background: var(--watch-back); border-color: currentColor; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.15rem 1.25rem; font-size: 0.875rem; color: var(--quiet); }
#filter {
  position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 0.75rem;
  margin: 1rem -1.25rem 0; padding: 0.6rem 1.25rem; background: var(--panel);
  border-block: 1px solid var(--line); font-size: 0.8125rem;
}
#filter label { display: block; color: var(--quiet); }
#filter .wide { flex: 1 1 12rem; } #filter select { max-width: 10rem; } #filter input { width: 100%; }
#filter #shown { flex-basis: 100%; margin: 0; color: var(--quiet); }
input, select, button {
  font: inherit; color: inherit; background: var(--back); border: 1px solid var(--quiet); border-radius: 4px;
  padding: 0.3rem 0.5rem; min-height: 2rem; max-width: 100%;
}
button { cursor: pointer; } button[aria-pressed="true"] { background: var(--note-back); }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); }
.tag {
  display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 0 0.4rem;
  font-size: 0.75rem; font-weight: 600; color: var(--note); background: var(--note-back);
}
.tag.tone-bad, .tag.block, .tag.failed, .tag.unverified { color: var(--bad); background: var(--bad-back); }
.tag.tone-watch, .tag.warn, .tag.stale { color: var(--watch); background: var(--watch-back); }
.tag.tone-good, .tag.applied { color: var(--good); background: var(--good-back); }
.action { font-weight: 650; }
article {
  border: 1px solid var(--line); border-left: 4px solid var(--quiet); border-radius: 6px;
  padding: 0.75rem 1rem; margin: 0 0 0.75rem; content-visibility: auto; contain-intrinsic-size: auto 18rem;
}
article.tone-good { border-left-color: var(--good); }
article.tone-watch { border-left-color: var(--watch); }
article.tone-bad { border-left-color: var(--bad); }
article > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.75rem; }
article > header p { flex-basis: 100%; margin: 0; display: flex; flex-wrap: wrap; gap: 0 0.75rem; font-size: 0.8125rem; }
.hazards li { border-left: 3px solid var(--note); padding: 0.25rem 0.75rem; margin: 0.35rem 0; background: var(--note-back); }
.hazards li strong { color: var(--note); }
.hazards .block { border-color: var(--bad); background: var(--bad-back); } .hazards .block strong { color: var(--bad); }
.hazards .warn { border-color: var(--watch); background: var(--watch-back); } .hazards .warn strong { color: var(--watch); }
.regions li { display: grid; grid-template-columns: 7.5rem 1fr; gap: 0.75rem; padding: 0.25rem 0; border-top: 1px solid var(--line); }
.paste { margin: 0.35rem 0; padding: 0.5rem 0.75rem; background: var(--back); border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: 0.25rem 0; color: var(--link); width: fit-content; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.lines { margin: 0; padding: 0.5rem 0; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; counter-reset: line; }
.lines > * {
  display: block; position: relative; padding: 0 0.75rem 0 2rem; white-space: pre-wrap; overflow-wrap: anywhere;
  text-decoration: none; counter-increment: line; unicode-bidi: isolate;
}
.lines > b { margin-top: 0.35rem; padding-left: 0.75rem; }
.lines > ins { background: var(--good-back); color: var(--good); }
.lines > del { background: var(--bad-back); color: var(--bad); }
.lines > *::before { position: absolute; left: 0; width: 1.4rem; text-align: right; }
.lines > ins::before { content: "+"; } .lines > del::before { content: "-"; }
.numbered > * { padding-left: 4.25rem; }
.numbered > *::before { width: 3.4rem; content: counter(line) "  "; white-space: pre; color: var(--quiet); }
.numbered > ins::before { content: counter(line) " +"; color: inherit; }
.numbered > del::before { content: counter(line) " -"; color: inherit; }
.overview { table-layout: fixed; } .overview th:nth-child(2) { width: 40%; }
.matrix { table-layout: fixed; min-width: 46rem; }
.matrix thead th:first-child { width: 32%; }
.matrix .bucket th { padding-top: 0.9rem; font-weight: 600; }
.matrix td.none { color: var(--quiet); }
.matrix td { overflow-wrap: anywhere; }
.matrix td em { font-size: 0.75rem; }
.matrix .turn > div { font-weight: 650; border: 1px solid currentColor; border-radius: 4px; padding: 0.1rem 0.4rem; margin-left: -0.45rem; }
.matrix .turn b { display: block; font-size: 0.75rem; }
.matrix .wider, .matrix .different, .matrix .undecided { color: var(--watch); background: var(--watch-back); }
.matrix .narrower { color: var(--note); background: var(--note-back); }
.access article, .access .principal { contain-intrinsic-size: auto 6rem; padding: 0.5rem 0.75rem; margin-bottom: 0.5rem; }
.access .principal { content-visibility: auto; border: 1px solid var(--line); border-radius: 6px; padding-block: 0.15rem; }
.access article.open { border-left-color: var(--bad); }
.rows li { padding: 0.35rem 0; border-top: 1px solid var(--line); }
.levels { display: flex; flex-wrap: wrap; gap: 0.1rem 1.25rem; margin: 0; font-size: 0.875rem; }
.levels dt, .levels dd { display: inline; margin: 0; }
.levels dt { font-weight: 650; margin-right: 0.4rem; }
.levels em { color: var(--watch); }
@media (max-width: 48rem) {
  #filter { position: static; }
  html { scroll-padding-top: 1rem; }
  .regions li { grid-template-columns: 1fr; gap: 0; }
  .overview { min-width: 36rem; } .overview th:nth-child(2) { width: 37%; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; }
  #filter, .skip, nav { display: none !important; }
  article, .access .principal { content-visibility: visible; break-inside: auto; }
  h2, h3, h4 { break-after: avoid; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible !important; block-size: auto !important; }
}
`;
