import {
  abandonedTitle,
  actionTexts,
  causeNote,
  causeTexts,
  countsText,
  isShown,
  loosenedTitle,
  shardNote,
  unmanagedTitle,
  worstHazard,
} from "../vocabulary.ts";
import type { ReportContext } from "../context.ts";
import { countErrors } from "../../diagnostic.ts";
import { isWriting, type Change, type Plan, type PlanBase, type WritingChange } from "../../plan/plan.ts";
import type { BucketMatrix } from "../../proof/matrix.ts";

import { groupsOf, outcomesOf, type ChangeGroup, type Outcomes } from "../groups.ts";
import { eventsNote } from "../last-change.ts";
import { requestsNote } from "../requests.ts";
import { accountVerdicts, verdictAccount, levelTones, verdictOf } from "../verdict.ts";
import { changeArticle, riskTag, titleOf } from "./change.ts";
import { code, html, nothing, sentence, type Markup } from "./escape.ts";
import { accessSummary } from "../review.ts";
import { filterForm } from "./facets.ts";
import { abandonedList, findingList, loosenedList, unmanagedList } from "./lists.ts";
import { matrixTable } from "./matrix.ts";
import { htmlPage } from "./page.ts";
import { outcomeSummary } from "../text/outcome.ts";
import { gains, gravestFirst, opensToAnonymous } from "../order.ts";

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
  const outcomes = outcomesOf(options);
  const groups = groupsOf(plan.changes.filter(isShown), outcomes);
  const all = sectionsOf({ plan, groups, outcomes, matrices: options.matrices });
  const [guards, ...sections] = all.filter(({ count, id }) => count > 0 || id === "loosened");
  const verdict = verdictOf(plan, options);
  const isEmpty = sections.length === 0 && guards?.count === 0;
  const body = html` <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
      <h1 class="ink tone-${levelTones[verdict.level]}">${verdict.text}</h1>
      ${accountList(plan, options)}
    </header>
    <main id="content" tabindex="-1">
      ${guards === undefined || guards.count === 0 ? nothing : sectionPart(guards)}
      ${options.isErrored ? nothing : tiles(plan)} ${sections.length < 2 ? nothing : sectionLinks(sections)}
      ${groups.length < 2 ? nothing : filterForm(groups.map(([first]) => first))}
      ${isEmpty && !options.isErrored ? html`<p>Nothing is to be done: all policies match their files.</p>` : nothing}
      ${sections.map(sectionPart)}
    </main>
    <footer>${provenance(plan, options)}</footer>`;
  return htmlPage(`oss-policy: ${verdict.text}`, body);
}

function sectionPart({ id, title, body }: Section): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}

function sectionLinks(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Sections">
    <ul>
      ${sections.map(({ id, title, count }) => html`<li><a href="#${id}">${title}</a> ${count}</li>`)}
    </ul>
  </nav>`;
}

function accountList(plan: Plan, options: HtmlOptions): Markup {
  const verdicts = accountVerdicts(plan, options);
  if (verdicts.length === 0) return nothing;
  return html`<ul class="accounts">
    ${verdicts.map((verdict) => html`<li>account ${code(verdictAccount(verdict))}: <strong class="ink tone-${levelTones[verdict.level]}">${verdict.text}</strong></li>`)}
  </ul>`;
}

interface PageContent extends Pick<HtmlOptions, "matrices"> {
  readonly plan: Plan;
  readonly groups: readonly ChangeGroup[];
  readonly outcomes: Outcomes;
}

/** Returns the sections in the order of the page, weaker guards first. */
function sectionsOf({ plan, groups, outcomes, matrices }: PageContent): readonly Section[] {
  const { base, unmanaged } = plan;
  const diagnostics = gravestFirst(plan.diagnostics);
  const numbers = new Map(groups.map(([first], index) => [first, index + 1] as const));
  const articles = groups.map((group, index) => changeArticle(group, index + 1, outcomes));
  const { loosened = [], abandoned = [] } = base ?? {};
  return [
    { id: "loosened", title: loosenedTitle, count: loosened.length, body: loosenedList(loosened) },
    {
      id: "overview",
      title: "Overview",
      count: groups.length > 1 ? groups.length : 0,
      body: overview(plan, groups, outcomes),
    },
    { id: "changes", title: "Changes", count: groups.length, body: html`${articles}` },
    {
      id: "matrix",
      title: "Access matrix",
      count: matrices.length,
      body: matrixTable(matrices, ({ change }) => numbers.get(change) ?? 0),
    },
    { id: "findings", title: "Findings", count: diagnostics.length, body: findingList(diagnostics) },
    { id: "abandoned", title: abandonedTitle, count: abandoned.length, body: abandonedList(abandoned) },
    { id: "unmanaged", title: unmanagedTitle, count: unmanaged.length, body: unmanagedList(unmanaged) },
  ];
}

function provenance(plan: Plan, { version, policies, isErrored, outcomes }: HtmlOptions): Markup {
  const { base } = plan;
  const word = outcomes === undefined ? "Plan" : "Apply";
  return html` ${isErrored ? nothing : html`<p>${word}: ${countsText(plan)}.</p>`}
    ${[...causeNote(plan), ...shardNote(plan), ...eventsNote(plan), ...requestsNote(plan)].map((note) => html`<p class="quiet">${note}</p>`)}
    <p class="quiet">
      oss-policy ${version}. Policy files in
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
    ${figures.filter(({ figure }) => figure > 0).map(({ figure, text, tone }) => html`<li class="${tone}"><b>${figure}</b> ${text}</li>`)}
  </ul>`;
}

const loses = (change: Change) =>
  isWriting(change) &&
  change.access.verdict === "different" &&
  change.access.regions.some(({ effect }) => effect === "loses");

/** Renders one row for each group of changes, as an overview of a long plan. */
function overview({ base }: Plan, groups: readonly ChangeGroup[], outcomes: Outcomes): Markup {
  const titles = ["change", "access", "worst hazard", "cause", "outcome"].filter(
    (title) => !(title === "cause" && base === undefined) && !(title === "outcome" && outcomes.size === 0),
  );
  const rows = groups.map((group, index) => {
    const cells: Readonly<Record<string, Markup>> = overviewCells(group, index + 1, outcomes);
    return html` <tr data-of="${index + 1}">
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
  </div>`;
}

function overviewCells(group: ChangeGroup, number: number, outcomes: Outcomes) {
  const [change] = group;
  const outcome = outcomes.get(change.bucket);
  const worst = change.action === "unreadable" ? undefined : worstHazard(change.hazards);
  const access = accessSummary(change);
  return {
    change: html`<th scope="row">
      <span class="action">${actionTexts[change.action]}</span>
      <a href="#change-${number}">${titleOf(group)}</a> ${riskTag(group)}
    </th>`,
    access: html`<td>${access.sentence === "" ? nothing : sentence(access.sentence)}${access.rest}</td>`,
    "worst hazard": html`<td>
      ${worst === undefined ? "-" : html`${code(worst.code)}${worst.accepted === undefined ? "" : ", accepted"}`}
    </td>`,
    cause: html`<td>${causeTexts[change.cause] === "" ? "-" : causeTexts[change.cause]}</td>`,
    outcome: html`<td>
      ${outcome === undefined ? "-" : html`<span class="tag ${outcome.result}">${outcome.result}</span>`}
    </td>`,
  };
}
