import { namedText, type Names } from "../../access/render.ts";
import type {
  AccessReport,
  ReportAnswer,
  ReportedBucket,
  ReportedPrincipal,
  ReportedRow,
} from "../../proof/access-report.ts";
import { hasAccess, matrixColumns, type MatrixCells } from "../../proof/matrix-cells.ts";
import { extentNote, ownerNote } from "../extent-text.ts";
import { counted } from "../printable.ts";
import { code, html, nothing, type Markup } from "./escape.ts";
import { attributesOf, formFor, type Facet } from "./filter.ts";
import { extentMarkup } from "./matrix.ts";
import { htmlPage } from "./page.ts";

/** Facts about the run that the page shows. */
export interface AccessPageContext {
  readonly version: string;
  /** The folder of the policy files. */
  readonly policies: string;
  /** The policies are those that OSS has, not those of the files. */
  readonly isLive: boolean;
}

interface PageSection {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly body: Markup;
}

/** Renders the access to all buckets as one self-contained page. It is complete without its script, which only filters. */
export function accessReportHtml(report: AccessReport, context: AccessPageContext): string {
  const { buckets } = report;
  const open = count(buckets, ({ isPublic }) => isPublic === "yes");
  const headline = `${counted(buckets.length, "bucket")}, ${open} public`;
  const sections = sectionsOf(report).filter((section) => section.count > 0);
  const body = html` <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
      <p class="tool">oss-policy ${context.version}</p>
      <h1>Access: ${headline}</h1>
      <p class="quiet">
        ${context.isLive ? "The live policies of the buckets" : "The policy files"} in
        ${code(context.policies)}.
      </p>
      ${tiles(report)}
      <nav aria-label="Sections">
        <ul>
          ${sections.map(({ id, title, count: size }) => html`<li><a href="#${id}">${title}</a> ${size}</li>`)}
        </ul>
      </nav>
    </header>
    ${formFor(facets, buckets, { items: "buckets", rows: "other entries" })}
    <main id="content" class="access" tabindex="-1">
      ${sections.map(
        ({ id, title, body: part }) =>
          html`<section aria-labelledby="${id}">
            <h2 id="${id}">${title}</h2>
            ${part}
          </section>`,
      )}
    </main>`;
  return htmlPage(`oss-policy: access to ${headline}`, body);
}

const count = <T>(items: readonly T[], holds: (item: T) => boolean) => items.filter(holds).length;

const answerTexts = { yes: "yes", no: "no", undecided: "undecided" } as const;

const facets: readonly Facet<ReportedBucket>[] = [
  { name: "public", title: "Public", texts: answerTexts, valuesOf: ({ isPublic }) => [isPublic] },
  { name: "http", title: "Plain http", texts: answerTexts, valuesOf: ({ allowsHttp }) => [allowsHttp] },
];

function tiles({ buckets, principals }: AccessReport): Markup {
  const undecided = ({ isPublic, allowsHttp }: ReportedBucket) =>
    isPublic === "undecided" || allowsHttp === "undecided";
  const figures = [
    { figure: count(buckets, ({ isPublic }) => isPublic === "yes"), text: "public", tone: "bad" },
    { figure: count(buckets, undecided), text: "undecided", tone: "bad" },
    { figure: count(principals, ({ isKnown }) => !isKnown), text: "unknown principals", tone: "watch" },
    {
      figure: count(buckets, ({ allowsHttp }) => allowsHttp === "yes"),
      text: "allow plain http",
      tone: "watch",
    },
    { figure: principals.length, text: "principals", tone: "zero" },
  ];
  return html` <ul class="tiles">
    ${figures.map(({ figure, text, tone }) => html`<li class="${figure === 0 ? "zero" : tone}"><b>${figure}</b> ${text}</li>`)}
  </ul>`;
}

function sectionsOf(report: AccessReport): readonly PageSection[] {
  const { buckets, principals, names } = report;
  const numbers = new Map(buckets.map(({ bucket }, index) => [bucket, index + 1]));
  const link = (bucket: string) => html`<a href="#bucket-${numbers.get(bucket) ?? 0}">${code(bucket)}</a>`;
  const open = buckets.filter(({ isPublic }) => isPublic !== "no");
  const plain = buckets.filter(({ allowsHttp }) => allowsHttp !== "no");
  const unknown = principals.filter(({ isKnown }) => !isKnown);
  return [
    {
      id: "public",
      title: "Public buckets",
      count: open.length,
      body: foldedList(open, "bucket", (bucket) => publicItem(bucket, link)),
    },
    {
      id: "unknown",
      title: "Principals that no account file knows",
      count: unknown.length,
      body: foldedList(unknown, "principal", (one) => unknownItem(one, names, link)),
    },
    {
      id: "http",
      title: "Buckets that allow requests over plain http",
      count: plain.length,
      body: html`<p class="quiet">
          A Deny on all requests whose <code>acs:SecureTransport</code> is false would refuse them.
        </p>
        ${foldedList(plain, "bucket", ({ bucket, allowsHttp }) => html` <li class="warn" data-row>${link(bucket)}${undecidedTag(allowsHttp, "undecided")}</li>`)}`,
    },
    {
      id: "buckets",
      title: "By bucket",
      count: buckets.length,
      body: html`<p class="quiet">${ownerNote} ${extentNote} A level without access is left out.</p>
        ${buckets.map((bucket, index) => bucketArticle(bucket, index + 1, names, buckets.length <= maxOpen))}`,
    },
    {
      id: "principals",
      title: "By principal",
      count: principals.length,
      body: html`<p class="quiet">
          What each principal can do in all buckets, beside what everyone can do in the public ones.
        </p>
        ${principals.map((one) => principalDetails(one, names, link))}`,
    },
  ];
}

/** Number of items from which a list is folded, and of buckets from which each is. */
const maxOpen = 20;

function foldedList<T>(items: readonly T[], noun: string, render: (item: T) => Markup): Markup {
  const list = html`<ul class="hazards">
    ${items.map(render)}
  </ul>`;
  if (items.length <= maxOpen) return list;
  return html`<details>
    <summary>The ${counted(items.length, noun)}</summary>
    ${list}
  </details>`;
}

function publicItem({ bucket, isPublic, rows }: ReportedBucket, link: (bucket: string) => Markup): Markup {
  const anonymous = rows.find(({ principal }) => principal === "anonymous");
  return html` <li class="block" data-row>
    ${link(bucket)}${undecidedTag(isPublic, "undecided")}
    ${anonymous === undefined ? nothing : levels(anonymous.cells)}
  </li>`;
}

function undecidedTag(answer: ReportAnswer, text: string): Markup {
  return answer === "undecided" ? html` <strong class="tag block">${text}</strong>` : nothing;
}

/** Number of buckets that a row names before it counts the others. */
const maxLinks = 5;

function unknownItem(
  { principal, rows }: ReportedPrincipal,
  names: Names,
  link: (bucket: string) => Markup,
): Markup {
  const links = rows
    .slice(0, maxLinks)
    .map(({ bucket }, index) => html`${index === 0 ? "" : ", "}${link(bucket)}`);
  const rest = rows.length > maxLinks ? ` and ${rows.length - maxLinks} more` : "";
  return html` <li class="warn" data-row>${code(namedText(principal, names))} in ${links}${rest}</li>`;
}

function bucketArticle(bucket: ReportedBucket, number: number, names: Names, isOpen: boolean): Markup {
  const { rows } = bucket;
  return html` <article
    id="bucket-${number}"
    data-change="${number}"
    class="${bucket.isPublic === "no" ? "shut" : "open"}"
    ${attributesOf(facets, bucket)}
  >
    <header>
      <h3>${code(bucket.bucket)}</h3>
      ${bucket.isPublic === "yes" ? html`<strong class="tag block">public</strong>` : undecidedTag(bucket.isPublic, "undecided if public")}
      ${bucket.allowsHttp === "yes" ? html`<span class="tag warn">allows plain http</span>` : undecidedTag(bucket.allowsHttp, "undecided over plain http")}
      <p class="quiet">
        ${code(`${bucket.file}:${bucket.line}`)} <span>in ${code(bucket.region)}</span>
        <span>account ${code(bucket.account)}</span>
      </p>
    </header>
    ${
      rows.length === 0
        ? html`<p class="quiet">The policy names no principal, or there is none.</p>`
        : folded(
            counted(rows.length, "principal"),
            isOpen,
            rowList(rows, ({ principal }) => code(namedText(principal, names))),
          )
    }
  </article>`;
}

function folded(summary: string, isOpen: boolean, body: Markup): Markup {
  const parts = html`<summary>${summary}</summary>
    ${body}`;
  return isOpen ? html`<details open>${parts}</details>` : html`<details>${parts}</details>`;
}

function rowList(rows: readonly ReportedRow[], title: (row: ReportedRow) => Markup): Markup {
  return html`<ul class="rows">
    ${rows.map((row) => html` <li>${title(row)} ${levels(row.cells)}</li>`)}
  </ul>`;
}

function principalDetails(
  { principal, isKnown, rows }: ReportedPrincipal,
  names: Names,
  link: (bucket: string) => Markup,
): Markup {
  return html` <details class="principal" data-row>
    <summary>
      ${code(namedText(principal, names))} <span class="quiet">${counted(rows.length, "bucket")}</span>
      ${isKnown ? nothing : html`<span class="tag warn">unknown</span>`}
    </summary>
    ${rowList(rows, ({ bucket }) => link(bucket))}
  </details>`;
}

/** Renders the access levels with access, each with its extent. */
function levels(cells: MatrixCells): Markup {
  if (!hasAccess(cells)) return html`<span class="quiet">no access</span>`;
  const some = matrixColumns.filter((column) => cells[column].kind !== "none");
  return html`<dl class="levels">
    ${some.map(
      (column) =>
        html`<div>
          <dt>${column}</dt>
          <dd>${extentMarkup(cells[column])}</dd>
        </div>`,
    )}
  </dl>`;
}
