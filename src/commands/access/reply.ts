import { type Failed } from "../../result.ts";
import { counted } from "../../report/printable.ts";
import { refusal } from "../../diagnostic.ts";
import type { JsonObject } from "../../policy/json.ts";

/** The answer to one question: text for people, and the same as data. */
export interface AccessAnswer {
  readonly text: string;
  readonly json: () => JsonObject;
  /** Finding that --exit-code reports, as part of a sentence; undefined if there is none. */
  readonly found?: string | undefined;
  /** The answer in other forms, by the option that writes it to a file. */
  readonly files?: Partial<Readonly<Record<FileOption, () => string>>>;
}

/** Options for forms of an answer that only some questions have. */
export type FileOption = "html" | "csv" | "propose";

export type AccessReply = AccessAnswer | Failed;

export function problem(message: string, help: string): Failed {
  return { problems: [refusal("question", message, help)] };
}

/** Joins counts of buckets, such as `1 bucket is public; 2 buckets are undecided`; undefined if all are zero. */
export function foundText(
  counts: readonly (readonly [count: number, one: string, many: string])[],
): string | undefined {
  const texts = counts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${counted(count, "bucket")} ${count === 1 ? one : many}`);
  return texts.length === 0 ? undefined : texts.join("; ");
}
