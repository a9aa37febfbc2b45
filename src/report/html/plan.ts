import {
  abandonedTitle,
  accessCountsText,
  actionTexts,
  blockerText,
  causeNote,
  causeTexts,
  countsText,
  isShown,
  loosenedTitle,
  unmanagedTitle,
  worstHazard,
} from "../vocabulary.ts";
import type { Outcome } from "../../apply/outcome.ts";
import type { ReportContext } from "../context.ts";
import { countErrors } from "../../diagnostic.ts";
import { isWriting, type Change, type Plan, type PlanBase, type WritingChange } from "../../plan/plan.ts";
import type { BucketMatrix } from "../../proof/matrix.ts";

import { changeArticle } from "./change.ts";
import { code, html, nothing, type Markup } from "./escape.ts";
import { filterForm } from "./facets.ts";
import { abandonedList, findingList, loosenedList, unmanagedList } from "./lists.ts";
import { matrixTable } from "./matrix.ts";
import { htmlPage } from "./page.ts";
import { outcomeSummary } from "../text/outcome.ts";
import { gains, gravestFirst, opensToAnonymous, worstFirst } from "../order.ts";

export interface HtmlOptions extends Pick<ReportContext, "version" | "policies" | "isErrored" | "outcomes"> {
  /** Access of the principals of each changed bucket, in the order of the changes. */
  readonly matrices: readonly BucketMatrix<WritingChange>[];
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly body: Markup;
}

/** Renders a plan as one self-contained page. It is complete without its script, which only filters. */
export function planHtml(plan: Plan, options: HtmlOptions): string {
  const changes = worstFirst(plan.changes.filter(isShown));
  const sections = sectionsOf(
    { ...plan, changes, diagnostics: gravestFirst(plan.diagnostics) },
    options,
  ).filter(({ count }) => count > 0);
  const headline = options.isErrored ? "nothing could be planned" : countsText(plan);
  const body = html` <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
      <p class="tool">oss-policy ${options.version}</p>
      <h1>${options.outcomes === undefined ? "Plan" : "Apply"}: ${headline}</h1>
      ${provenance(plan, options)} ${options.isErrored ? nothing : tiles(plan)}
      <nav aria-label="Sections">
        <ul>
          ${sections.map(({ id, title, count }) => html`<li><a href="#${id}">${title}</a> ${count}</li>`)}
        </ul>
      </nav>
    </header>
    ${sections.length === 0 ? nothing : filterForm(changes)}
    <main id="content" tabindex="-1">
      ${sections.length === 0 ? html`<p>Nothing is to be done: all policies match their files.</p>` : nothing}
      ${sections.map(
        ({ id, title, body: part }) =>
          html`<section aria-labelledby="${id}">
            <h2 id="${id}">${title}</h2>
            ${part}
          </section>`,
      )}
    </main>`;
  return htmlPage(`oss-policy: ${headline}`, body);
}

function sectionsOf(plan: Plan, { outcomes, matrices }: HtmlOptions): readonly Section[] {
  const { changes, diagnostics, base, unmanaged } = plan;
  const numbers = new Map(changes.map((change, index) => [change, index + 1]));
  const numberOf = (change: Change) => numbers.get(change) ?? 0;
  const byBucket = new Map(outcomes?.map((outcome) => [outcome.bucket, outcome]));
  const articles = changes.map((change) =>
    changeArticle(change, numberOf(change), byBucket.get(change.bucket)),
  );
  const { loosened = [], abandoned = [] } = base ?? {};
  return [
    { id: "loosened", title: loosenedTitle, count: loosened.length, body: loosenedList(loosened) },
    {
      id: "overview",
      title: "Overview",
      count: changes.length,
      body: overview(plan, byBucket),
    },
    { id: "changes", title: "Changes", count: changes.length, body: html`${articles}` },
    {
      id: "matrix",
      title: "Access matrix",
      count: matrices.length,
      body: matrixTable(matrices, ({ change }) => numberOf(change)),
    },
    { id: "findings", title: "Findings", count: diagnostics.length, body: findingList(diagnostics) },
    { id: "abandoned", title: abandonedTitle, count: abandoned.length, body: abandonedList(abandoned) },
    { id: "unmanaged", title: unmanagedTitle, count: unmanaged.length, body: unmanagedList(unmanaged) },
  ];
}

function provenance({ base }: Plan, { policies, outcomes }: HtmlOptions): Markup {
  return html` <p class="quiet">
      Policy files in
      ${code(policies)}${base === undefined ? nothing : html`, at ${code(base.revision)}${uncommittedNote(base)}, compared with ${code(base.word)}, commit ${code(base.base)}`}.
    </p>
    ${outcomes === undefined || outcomes.length === 0 ? nothing : html`<p><strong>${outcomeSummary(outcomes)}</strong></p>`}`;
}

function uncommittedNote({ uncommitted }: PlanBase): Markup {
  if (uncommitted.length === 0) return nothing;
  return html` with uncommitted changes in ${uncommitted.map((path) => html`${code(path)} `)}`;
}

/** Renders the figures that a reviewer needs first. */
function tiles({ changes, diagnostics }: Plan): Markup {
  const count = (holds: (change: Change) => boolean) => changes.filter(holds).length;
  const errors = countErrors(diagnostics);
  const figures = [
    { figure: count((change) => isWriting(change) && change.blocked), text: "blocked", tone: "bad" },
    { figure: count(opensToAnonymous), text: "opening to anonymous callers", tone: "bad" },
    { figure: count(gains), text: "giving access", tone: "watch" },
    { figure: count(loses), text: "taking access", tone: "watch" },
    { figure: count(({ action }) => action === "unreadable"), text: "unreadable", tone: "bad" },
    { figure: errors, text: errors === 1 ? "error finding" : "error findings", tone: "bad" },
  ];
  return html` <ul class="tiles">
    ${figures.map(({ figure, text, tone }) => html`<li class="${figure === 0 ? "zero" : tone}"><b>${figure}</b> ${text}</li>`)}
  </ul>`;
}

const loses = (change: Change) =>
  isWriting(change) &&
  change.access.verdict === "different" &&
  change.access.regions.some(({ effect }) => effect === "loses");

/** Renders one row for each change, as an overview of a long plan. */
function overview(plan: Plan, outcomes: ReadonlyMap<string, Outcome>): Markup {
  const { changes, base } = plan;
  const titles = ["action", "bucket", "access", "worst hazard", "cause", "outcome"].filter(
    (title) => !(title === "cause" && base === undefined) && !(title === "outcome" && outcomes.size === 0),
  );
  const rows = changes.map((change, index) => {
    const cells: Readonly<Record<string, Markup>> = overviewCells(
      change,
      index + 1,
      outcomes.get(change.bucket),
    );
    return html` <tr data-of="${index + 1}" class="${change.action}">
      ${titles.map((title) => cells[title] ?? nothing)}
    </tr>`;
  });
  return html` <div class="scroll" role="region" aria-label="Overview, as a table" tabindex="0">
      <table class="overview">
        <thead>
          <tr>
            ${titles.map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${causeNote(plan).map((note) => html`<p class="quiet">${note}</p>`)}`;
}

function overviewCells(change: Change, number: number, outcome: Outcome | undefined) {
  const worst = change.action === "unreadable" ? undefined : worstHazard(change.hazards);
  const blocker = blockerText(change);
  return {
    action: html`<td>
      <span class="action">${actionTexts[change.action]}</span
      >${blocker === "" ? nothing : html` <strong class="tag block">${blocker}</strong>`}
    </td>`,
    bucket: html`<th scope="row"><a href="#change-${number}">${code(change.bucket)}</a></th>`,
    access: html`<td>${isWriting(change) ? accessCountsText(change.access) : "-"}</td>`,
    "worst hazard": html`<td>
      ${worst === undefined ? "-" : html`<strong class="tag ${worst.severity}">${worst.severity}</strong> ${code(worst.code)}${worst.accepted === undefined ? "" : ", accepted"}`}
    </td>`,
    cause: html`<td>${causeTexts[change.cause] === "" ? "-" : causeTexts[change.cause]}</td>`,
    outcome: html`<td>
      ${outcome === undefined ? "-" : html`<span class="tag ${outcome.result}">${outcome.result}</span>`}
    </td>`,
  };
}
