import type { Diagnostic, Span } from "../../diagnostic.ts";
import type { AbandonedBucket, WeakenedGuard, UnmanagedBucket } from "../../plan/plan.ts";
import { code, html, message, nothing, type Markup } from "./escape.ts";

export function loosenedList(loosened: readonly WeakenedGuard[]): Markup {
  return html`<ul class="hazards">
    ${loosened.map(
      ({ message: text, file, line }) =>
        html` <li class="block" data-row>
          <strong>loosened</strong> ${message(text)}
          <div class="quiet">${code(`${file}:${line}`)}</div>
        </li>`,
    )}
  </ul>`;
}

const tones = { error: "block", warning: "warn", note: "note" } as const;

export function findingList(diagnostics: readonly Diagnostic[]): Markup {
  return html`<ul class="hazards">
    ${diagnostics.map(findingItem)}
  </ul>`;
}

function findingItem({ severity, code: name, message: text, span, help, related = [] }: Diagnostic): Markup {
  return html` <li class="${tones[severity]}" data-row>
    <strong>${severity}</strong>
    ${code(name)}${span === undefined ? nothing : html` <span class="quiet">${place(span)}</span>`}
    <div>${message(text)}</div>
    ${help === undefined ? nothing : html`<div class="quiet">help: ${message(help)}</div>`}
    ${related.map((other) => html`<div class="quiet">${message(other.message)}: ${place(other.span)}</div>`)}
  </li>`;
}

function place({ file, start }: Span): Markup {
  return code(`${file}:${start.line}:${start.column}`);
}

export function unmanagedList(buckets: readonly UnmanagedBucket[]): Markup {
  return html`<ul class="hazards">
    ${buckets.map(
      ({ bucket, region, problem }) =>
        html` <li class="${problem === null ? "warn" : "block"}" data-row>
          ${code(bucket)} in ${code(region)}: ${problem === null ? "has a policy" : message(problem.message)}
        </li>`,
    )}
  </ul>`;
}

export function abandonedList(buckets: readonly AbandonedBucket[]): Markup {
  return html`<ul class="hazards">
    ${buckets.map(
      ({ bucket, region, file }) =>
        html` <li class="warn" data-row>${code(bucket)} in ${code(region)}, was in ${code(file)}</li>`,
    )}
  </ul>`;
}
