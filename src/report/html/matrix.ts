import { counted } from "../printable.ts";
import type { WritingChange } from "../../plan/plan.ts";
import { matrixColumns, type MatrixCell } from "../../proof/access-queries.ts";
import { namedText, type Names } from "../../access/render.ts";
import type { BucketMatrix, MatrixTurn } from "../../proof/matrix.ts";
import { code, html, nothing, type Markup } from "./escape.ts";

/** Renders the access of each principal to each bucket, before and after, with the numbers of the changes. */
export function matrixTable(
  matrices: readonly BucketMatrix<WritingChange>[],
  numberOf: (bucket: BucketMatrix<WritingChange>) => number,
): Markup {
  const shown = matrices.filter(({ rows }) => rows.length > 0);
  const without = matrices.length - shown.length;
  const table = html`<div class="scroll" role="region" aria-label="Access matrix, as a table" tabindex="0">
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">principal</th>
          ${matrixColumns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      ${shown.map((matrix) => bucketRows(matrix, numberOf(matrix)))}
    </table>
  </div>`;
  return html` <p class="quiet">
      For each changed bucket: the principals in its policy, anonymous callers and the owner. <b>all</b>:
      every action of the kind, on everything and always; <b>some</b>: at least one request; <b>none</b>: no
      request; <b>unknown</b>: it could not be decided. A changed cell has a frame and an arrow. A change from
      some to some is not shown here: the regions of the change have it. The matrix covers bucket policies
      only, not RAM policies and ACLs.
    </p>
    ${without === 0 ? nothing : html`<p><strong>${counted(without, "bucket")} left out</strong> to keep this report fast: <code>access matrix</code> has each.</p>`}
    ${folded(shown.length, table)}`;
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
  const powerless = rows.filter((row) => !hasAccess(row));
  return html` <tbody id="matrix-${number}" data-of="${number}">
    <tr class="bucket">
      <th scope="rowgroup" colspan="${matrixColumns.length + 1}">
        <a href="#change-${number}">${code(change.bucket)}</a>
      </th>
    </tr>
    ${rows.filter(hasAccess).map((row) => principalRow(row, change.names))}
    ${powerless.length === 0 ? nothing : powerlessRow(powerless, change.names)}
    ${leftOut === 0 ? nothing : leftOutRow(leftOut)}
  </tbody>`;
}

function hasAccess({ before, after }: MatrixTurn): boolean {
  return matrixColumns.some((column) => before[column] !== "none" || after[column] !== "none");
}

function principalRow({ principal, before, after }: MatrixTurn, names: Names): Markup {
  const cells = matrixColumns.map((column) => cell(before[column], after[column]));
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

function leftOutRow(count: number): Markup {
  return html` <tr>
    <td colspan="${matrixColumns.length + 1}">and ${counted(count, "more principal")}, left out</td>
  </tr>`;
}

const ranks: Readonly<Record<MatrixCell, number>> = { none: 0, some: 1, all: 2, unknown: 3 };

/** Renders a cell. A change shows in words, frame and weight; colour only adds to them. */
function cell(before: MatrixCell, after: MatrixCell): Markup {
  if (before === after) return html`<td class="${after}">${after}</td>`;
  const turn = ranks[after] > ranks[before] ? "more" : "less";
  return html`<td class="turn">
    <span class="${turn}"
      >${before} <span aria-hidden="true">→</span><span class="hidden">becomes</span> ${after}</span
    >
  </td>`;
}
