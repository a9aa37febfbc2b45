import { counted } from "../printable.ts";
import type { WritingChange } from "../../plan/plan.ts";
import type { TurnWithin } from "../../access/within.ts";
import type { Extent } from "../../proof/extent.ts";
import { hasAccess, isImplied, matrixColumns } from "../../proof/matrix-cells.ts";
import { namedText, type Names } from "../../access/render.ts";
import type { BucketMatrix, MatrixTurn } from "../../proof/matrix.ts";
import { extentMarks, extentNote, extentText, extentWords, ownerNote, turnTexts } from "../extent-text.ts";
import { code, html, nothing, type Markup } from "./escape.ts";

/** Renders the access of each principal to each bucket, before and after, with the numbers of the changes. */
export function matrixTable(
  matrices: readonly BucketMatrix<WritingChange>[],
  numberOf: (bucket: BucketMatrix<WritingChange>) => number,
): Markup {
  const without = matrices.filter(({ rows }) => rows.length === 0).length;
  const table = html`<div class="scroll" role="region" aria-label="Access matrix, as a table" tabindex="0">
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">principal</th>
          ${matrixColumns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      ${matrices.map((matrix) => bucketRows(matrix, numberOf(matrix)))}
    </table>
  </div>`;
  return html` <p class="quiet">
      For each changed bucket: the principals that its policy names, and anonymous callers if they have
      access. ${extentNote} A cell that changes has both extents and what is proved of all its requests:
      <b>wider</b>, <b>narrower</b>, or <b>different</b>, which is some gained and others lost. The matrix
      covers bucket policies only, not RAM policies and ACLs. ${ownerNote}
    </p>
    ${without === 0 ? nothing : html`<p><strong>${counted(without, "bucket")} left out</strong> to keep this report fast: <code>access matrix</code> has each.</p>`}
    ${folded(matrices.length, table)}`;
}

/** Number of buckets from which the table is folded: its layout would slow down each keystroke. */
const maxOpen = 200;

function folded(buckets: number, table: Markup): Markup {
  if (buckets <= maxOpen) return table;
  return html`<details>
    <summary>The table of ${counted(buckets, "bucket")}</summary>
    ${table}
  </details>`;
}

function bucketRows({ change, rows, leftOut }: BucketMatrix<WritingChange>, number: number): Markup {
  const powerless = rows.filter((row) => !isPowerful(row) && isShownRow(row));
  return html` <tbody id="matrix-${number}" data-of="${number}">
    <tr class="bucket">
      <th scope="rowgroup" colspan="${matrixColumns.length + 1}">
        <a href="#change-${number}">${code(change.bucket)}</a>
      </th>
    </tr>
    ${rows.filter(isPowerful).map((row) => principalRow(row, change.names))}
    ${powerless.length === 0 ? nothing : powerlessRow(powerless, change.names)}
    ${rows.some(isShownRow) || leftOut > 0 ? nothing : wideRow("no caller but the owner has access, before and after")}
    ${leftOut === 0 ? nothing : wideRow(`${counted(leftOut, "principal")} left out`)}
  </tbody>`;
}

function isPowerful({ before, after }: MatrixTurn): boolean {
  return hasAccess(before) || hasAccess(after);
}

/** Returns true if a row says something. */
function isShownRow(row: MatrixTurn): boolean {
  return isPowerful(row) || !isImplied(row.principal);
}

function principalRow({ principal, before, after, turns }: MatrixTurn, names: Names): Markup {
  const cells = matrixColumns.map((column) => cell(before[column], after[column], turns[column]));
  return html` <tr>
    <th scope="row">${code(namedText(principal, names))}</th>
    ${cells}
  </tr>`;
}

/** Renders one row for all principals without access before and after. */
function powerlessRow(rows: readonly MatrixTurn[], names: Names): Markup {
  const principals = rows.map(
    ({ principal }, index) => html`${index === 0 ? "" : ", "}${code(namedText(principal, names))}`,
  );
  return html` <tr>
    <th scope="row">${principals}</th>
    <td class="none" colspan="${matrixColumns.length}">none, before and after</td>
  </tr>`;
}

function wideRow(text: string): Markup {
  return html` <tr>
    <td class="none" colspan="${matrixColumns.length + 1}">${text}</td>
  </tr>`;
}

/** Renders a cell. A change shows in words, frame and weight; colour only adds to them. */
function cell(before: Extent, after: Extent, turn: TurnWithin): Markup {
  if (turn === "same") return html`<td class="${after.kind}">${extentMarkup(after)}</td>`;
  const arrow = html`<span aria-hidden="true">→</span><span class="hidden">becomes</span>`;
  const hasOtherTls = needsTls(before) !== needsTls(after);
  const [old, now] = [before, after].map((extent) =>
    extentMarkup(extent, hasOtherTls ? tlsMarks(extent) : []),
  );
  const isOne = !hasOtherTls && extentText(before) === extentText(after);
  return html`<td class="turn">
    <div class="${turn}">
      ${isOne ? nothing : html`${old ?? nothing} ${arrow} `}${now ?? nothing}
      ${after.kind === turn ? nothing : html`<b>${turnTexts[turn]}</b>`}
    </div>
  </td>`;
}

function needsTls(extent: Extent): boolean {
  return extent.kind === "some" && extent.needsTls;
}

/** Returns the mark for TLS, which a cell has only where that changes. */
function tlsMarks(extent: Extent): readonly string[] {
  if (extent.kind !== "some") return [];
  return [extent.needsTls ? "over TLS" : "also over plain http"];
}

/** Renders an extent; patterns are the only text from outside. */
export function extentMarkup(extent: Extent, more: readonly string[] = []): Markup {
  const words = html`<bdi>${extentWords(extent)}</bdi>`;
  const marks = [...extentMarks(extent), ...more];
  return marks.length === 0 ? words : html`${words} <em>${marks.join(", ")}</em>`;
}
