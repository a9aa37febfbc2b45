/** A comment much as GitHub shows one: its frame, its fonts and its colours. */
export function commentPage(body: string): string {
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
<article><header>oss-policy commented</header><section>${body}</section></article>`;
}

const style = `
body { margin: 16px; font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; background: #fff }
article { width: 900px; border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden }
header { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; color: #59636e }
section { padding: 4px 16px 16px }
h2 { font-size: 1.5em; padding-bottom: .3em; border-bottom: 1px solid #d1d9e0b3 }
h3 { font-size: 1.25em; margin: 24px 0 16px }
ul { padding-left: 2em } li { margin-top: .25em }
code { padding: .2em .4em; border-radius: 6px; background: #818b981f; font: 85% ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
pre { padding: 16px; border-radius: 6px; background: #f6f8fa; overflow: auto } pre code { padding: 0; background: none }
`;
