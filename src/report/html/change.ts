import {
  actionTexts,
  causeTexts,
  effectTexts,
  equalText,
  publicAccessText,
  openPointsNote,
} from "../vocabulary.ts";
import type { Hazard } from "../../plan/hazard.ts";
import { isWriting, type WritingChange } from "../../plan/plan.ts";
import type { ReadProblem } from "../../policy/live.ts";

import { acceptText } from "../accept-lines.ts";
import { differenceLines, type DifferenceLine } from "../difference-lines.ts";
import { bucketsOf, type ChangeGroup, type Outcomes } from "../groups.ts";
import { lastChangeLead, lastChangeText } from "../last-change.ts";
import { requestLines } from "../requests.ts";
import { counted } from "../printable.ts";
import {
  accessLines,
  reasonsOf,
  riskLabel,
  nameWithGuardrail,
  standing,
  toneOf,
  type AccessLine,
  type Reason,
} from "../review.ts";
import { documentPart } from "./document.ts";
import { code, html, message, nothing, sentence, type Markup } from "./escape.ts";
import { facetAttributes } from "./facets.ts";

/** Renders a group of changes in full. The number links it to its rows in the tables, which are filtered with it. */
export function changeArticle(group: ChangeGroup, number: number, outcomes: Outcomes): Markup {
  const [change] = group;
  const outcome = outcomes.get(change.bucket);
  return html` <article
    id="change-${number}"
    data-change="${number}"
    class="tone-${toneOf(change)}"
    ${facetAttributes(change)}
  >
    <header>
      <h3><span class="action">${actionTexts[change.action]}</span> ${titleOf(group)}</h3>
      ${riskTag(group)}
      ${causeTexts[change.cause] === "" ? nothing : html`<span class="tag">${causeTexts[change.cause]}</span>`}
      ${outcome === undefined ? nothing : html`<strong class="tag ${outcome.result}">${outcome.result}</strong>`}
      ${placePart(group)}
    </header>
    ${outcomePart(outcome, change.action === "unreadable" ? change.problem.message : "")}
    ${lastChangePart(group)}${isWriting(change) ? html`${accessPart(change)}${requestsPart(change)}` : nothing}
    ${change.action === "unreadable" ? problemPart(change.problem) : hazardPart(group)} ${bucketsPart(group)}
    ${isWriting(change) ? writingPart(change, number, group.length > 1) : nothing}
  </article>`;
}

/** Renders the bucket of a group, or the count of its buckets. */
export function titleOf(group: ChangeGroup): Markup {
  return group.length === 1 ? code(group[0].bucket) : html`${group.length} buckets`;
}

/** Renders what blocks a group, or its risk. */
export function riskTag([change]: ChangeGroup): Markup {
  const label = riskLabel(change);
  return label === "" ? nothing : html`<strong class="tag tone-${toneOf(change)}">${label}</strong>`;
}

function placePart([{ file, line, region, account }, ...more]: ChangeGroup): Markup {
  return html`<p class="quiet">
    ${code(`${file}:${line}`)}
    ${more.length === 0 ? html`<span>in ${code(region)}</span>` : html`<span>and ${more.length} more</span>`}
    <span>account ${code(account)}</span>
  </p>`;
}

/** Renders an outcome without the message of an unreadable bucket, which the change already shows. */
function outcomePart(
  outcome: { readonly result: string; readonly message: string } | undefined,
  said: string,
): Markup {
  if (outcome === undefined || outcome.message === "" || outcome.message === said) return nothing;
  return html`<p>${outcome.result}: ${message(outcome.message)}</p>`;
}

function lastChangePart(group: ChangeGroup): Markup {
  const text = lastChangeText(group);
  return text === undefined ? nothing : html`<p>${lastChangeLead} ${sentence(text)}</p>`;
}

function problemPart({ message: text, help }: ReadProblem): Markup {
  return html`<ul class="hazards">
    <li class="block">
      <strong>cannot read</strong>
      ${message(text)}${help === undefined ? nothing : html`<div class="quiet">help: ${message(help)}</div>`}
    </li>
  </ul>`;
}

function bucketsPart(group: ChangeGroup): Markup {
  if (group.length === 1) return nothing;
  return html`<details>
    <summary>Buckets: ${group.length}</summary>
    <p>${bucketsOf(group).map((bucket) => html`${code(bucket)} `)}</p>
  </details>`;
}

function accessPart({ access, names, blocked }: WritingChange): Markup {
  const open = openPointsNote(access);
  const note = open === "" ? nothing : html`<p class="quiet">${message(open)}</p>`;
  if (access.verdict === "equal")
    return html`<p class="ink tone-good">${equalText}</p>
      ${note}`;
  if (access.verdict === "undecided")
    return html`<p><strong class="tag block">undecided</strong> ${message(access.cause)}</p>`;
  return html` <ul class="regions">
      ${accessLines(access.regions, { names, isBlocked: blocked }).map(accessItem)}
    </ul>
    ${note}`;
}

function requestsPart(change: WritingChange): Markup {
  const lines = requestLines(change);
  if (lines.length === 0) return nothing;
  return html`<ul class="regions">
    ${lines.map(
      ({ label, text, tone }) =>
        html`<li>
          <strong class="ink tone-${tone}">${label}</strong>
          <div>${message(text)}</div>
        </li>`,
    )}
  </ul>`;
}

function accessItem(line: AccessLine): Markup {
  const { effect, tone, exact, example, decisions, condition } = line;
  return html` <li class="${effect}">
    <strong class="ink tone-${tone}">${effectTexts[effect]}</strong>
    <div>
      ${sentence(line.sentence)}${condition === "" ? nothing : message(condition)}
      ${exact === "" ? nothing : html`<div class="quiet">${code(exact)}</div>`}
      <div class="quiet">e.g. ${code(example)}: ${decisions}</div>
    </div>
  </li>`;
}

function hazardPart(group: ChangeGroup): Markup {
  const reasons = reasonsOf(group[0]);
  if (reasons === undefined) return nothing;
  const { first, others } = reasons;
  return html` <ul class="hazards">
    <li class="${first.hazard.accepted === undefined ? first.hazard.severity : "note"}">
      ${reasonPart(first)} ${others.length === 0 ? nothing : html`<div>also ${others.map(hazardName)}</div>`}
      ${acceptPart(group)}
    </li>
  </ul>`;
}

function reasonPart({ hazard, lead, text, example }: Reason): Markup {
  return html`<strong>${lead}</strong> ${code(hazard.code)}
    <div>${message(text)}</div>
    ${example === "" ? nothing : html`<div class="quiet">e.g. ${code(example)}</div>`}
    ${hazard.accepted === undefined ? nothing : html`<div>accepted: ${sentence(hazard.accepted)}</div>`}`;
}

function hazardName(hazard: Hazard, index: number): Markup {
  const { accepted } = hazard;
  const why = accepted === undefined ? nothing : html` (${sentence(accepted)})`;
  return html`${index === 0 ? "" : ", "}${standing(hazard)} ${code(nameWithGuardrail(hazard))}${why}`;
}

function acceptPart(group: ChangeGroup): Markup {
  const accept = acceptText(group);
  if (accept === undefined) return nothing;
  const { file, lines, others } = accept;
  const more = others === 0 ? "" : `, and alike to ${counted(others, "other file")}`;
  return html`<details>
    <summary>How to accept this</summary>
    <p>Add to ${code(file)}${more}, below its ${code("accept:")} if it has one:</p>
    <pre class="paste">${lines.map((line) => html`<span>${line}</span> `)}</pre>
  </details>`;
}

/** Renders the public state, the statements and the policies; of a group, those of its first bucket. */
function writingPart(change: WritingChange, number: number, isGroup: boolean): Markup {
  const { publicAccess, difference, names, before, after } = change;
  const lines = differenceLines(difference, names);
  const of = isGroup ? html` of ${code(change.bucket)}` : nothing;
  return html` ${publicAccess === undefined ? nothing : html`<p class="quiet">Public: ${sentence(publicAccessText(publicAccess))}.</p>`}
    <p class="quiet"><a href="#matrix-${number}">Who can do what, before and after</a>${of}</p>
    <details>
      <summary>Statements${of}: ${differenceText(change)}</summary>
      <pre class="lines">${lines.map(differenceLine)}</pre>
    </details>
    <details>
      <summary>Policy before and after${of}</summary>
      <div class="sides">
        <section>
          <h4>Before, as OSS has it</h4>
          ${documentPart(before, "before", difference)}
        </section>
        <section>
          <h4>After, as in the file</h4>
          ${documentPart(after, "after", difference)}
        </section>
      </div>
    </details>`;
}

function differenceText({ difference: { added, removed, changed, fields } }: WritingChange): string {
  const counts = [
    [added.length, "added"],
    [removed.length, "removed"],
    [changed.length, "changed"],
    [fields.length, "fields of the policy"],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

const statementTexts = { "+": "added", "-": "removed", "~": "changed", " ": "kept" } as const;

function differenceLine(line: DifferenceLine): Markup {
  if (line.kind === "statement") {
    const place = line.place === null ? "" : `  ${line.place.file}:${line.place.line}`;
    return html`<b>Statement ${statementTexts[line.mark]}${place}</b>`;
  }
  const [name = "", ...nested] = line.path;
  const text = `${(line.isFirst ? name : "").padEnd(10)} ${[...nested, line.member].join(" ")}`;
  if (line.mark === "-") return html`<del>${text}</del>`;
  return line.mark === "+" ? html`<ins>${text}</ins>` : html`<span>${text}</span>`;
}
