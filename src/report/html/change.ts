import {
  actionTexts,
  blockerText,
  causeTexts,
  conditionalText,
  effectTexts,
  equalText,
  blocksText,
  publicAccessText,
  openPointsNote,
  reportedHazards,
  decisionChangeText,
} from "../vocabulary.ts";
import type { AccessDifference, KnownAccessChange } from "../../access/difference.ts";
import { accessChangeText, requestText, type Names } from "../../access/render.ts";
import type { Outcome } from "../../apply/outcome.ts";
import { blocks, type Hazard } from "../../plan/hazard.ts";
import { isWriting, type Change, type WritingChange } from "../../plan/plan.ts";
import type { ReadProblem } from "../../policy/live.ts";

import { differenceLines, type DifferenceLine } from "../difference-lines.ts";
import { documentPart } from "./document.ts";
import { code, html, nothing, sentence, type Markup } from "./escape.ts";
import { facetAttributes } from "./facets.ts";

/** Renders one change in full. The number links it to its rows in the tables, which are filtered with it. */
export function changeArticle(change: Change, number: number, outcome: Outcome | undefined): Markup {
  const blocker = blockerText(change);
  return html` <article
    id="change-${number}"
    data-change="${number}"
    class="${change.action}"
    ${facetAttributes(change)}
  >
    <header>
      <h3><span class="action">${actionTexts[change.action]}</span> ${code(change.bucket)}</h3>
      ${blocker === "" ? nothing : html`<strong class="tag block">${blocker}</strong>`}
      ${causeTexts[change.cause] === "" ? nothing : html`<span class="tag">${causeTexts[change.cause]}</span>`}
      ${outcome === undefined ? nothing : html`<strong class="tag ${outcome.result}">${outcome.result}</strong>`}
      <p class="quiet">
        ${code(`${change.file}:${change.line}`)} <span>in ${code(change.region)}</span>
        <span>account ${code(change.account)}</span>
      </p>
    </header>
    ${outcomePart(outcome, change.action === "unreadable" ? change.problem.message : "")}
    ${change.action === "unreadable" ? problemPart(change.problem) : hazardList(change.hazards, change.names)}
    ${isWriting(change) ? writingPart(change, number) : nothing}
  </article>`;
}

/** Renders an outcome without the message of an unreadable bucket, which the change already shows. */
function outcomePart(outcome: Outcome | undefined, said: string): Markup {
  if (outcome === undefined || outcome.message === "" || outcome.message === said) return nothing;
  return html`<p>${outcome.result}: ${sentence(outcome.message)}</p>`;
}

function problemPart({ message, help }: ReadProblem): Markup {
  return html`<ul class="hazards">
    <li class="block">
      <strong>cannot read</strong>
      ${sentence(message)}${help === undefined ? nothing : html`<div class="quiet">help: ${sentence(help)}</div>`}
    </li>
  </ul>`;
}

const severities: readonly Hazard["severity"][] = ["block", "warn", "note"];

function hazardList(hazards: readonly Hazard[], names: Names): Markup {
  const shown = [...reportedHazards(hazards)].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  if (shown.length === 0) return nothing;
  return html` <h4>Hazards</h4>
    <ul class="hazards">
      ${shown.map((hazard) => hazardItem(hazard, names))}
    </ul>`;
}

function hazardItem(hazard: Hazard, names: Names): Markup {
  const { severity, message, witness, accepted, saysWitness } = hazard;
  const example = witness === undefined || saysWitness === true ? "" : requestText(witness, names);
  return html` <li class="${severity}">
    <strong>${severity}</strong>
    ${code(hazard.code)}${blocks(hazard) ? html` <em>${blocksText}</em>` : nothing}
    <div>${sentence(message)}</div>
    ${example === "" ? nothing : html`<div class="quiet">e.g. ${code(example)}</div>`}
    ${accepted === undefined ? nothing : html`<div>accepted: ${sentence(accepted)}</div>`}
  </li>`;
}

function writingPart(change: WritingChange, number: number): Markup {
  const { access, publicAccess, difference, names, before, after } = change;
  const lines = differenceLines(difference);
  return html` <h4>Access</h4>
    ${accessPart(access, names)}
    ${publicAccess === undefined ? nothing : html`<p>Public: ${sentence(publicAccessText(publicAccess))}.</p>`}
    <p class="quiet"><a href="#matrix-${number}">Who can do what, before and after</a></p>
    <details>
      <summary>Statements: ${differenceText(change)}</summary>
      <pre class="lines">${lines.map(differenceLine)}</pre>
    </details>
    <details>
      <summary>Policy before and after</summary>
      <div class="sides">
        <section>
          <h5>Before, as OSS has it</h5>
          ${documentPart(before, "before", difference)}
        </section>
        <section>
          <h5>After, as in the file</h5>
          ${documentPart(after, "after", difference)}
        </section>
      </div>
    </details>`;
}

function accessPart(access: AccessDifference, names: Names): Markup {
  if (access.verdict === "equal") return html`<p>${equalText}</p>`;
  if (access.verdict === "undecided")
    return html`<p><strong class="tag block">undecided</strong> ${sentence(access.cause)}</p>`;
  return html` <ul class="regions">
      ${access.regions.map((region) => regionItem(region, names))}
    </ul>
    ${access.dependsOn.length === 0 ? nothing : html`<p class="quiet">${openPointsNote(access)}</p>`}`;
}

function regionItem(region: KnownAccessChange, names: Names): Markup {
  return html` <li class="${region.effect}">
    <strong>${effectTexts[region.effect]}</strong>
    <div>
      ${code(accessChangeText(region, names))}${conditionalText(region)}
      <div class="quiet">e.g. ${code(requestText(region.witness, names))}: ${decisionChangeText(region)}</div>
    </div>
  </li>`;
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
