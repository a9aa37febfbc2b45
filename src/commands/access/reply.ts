import { type Failed } from "../../result.ts";
import { refusal } from "../../diagnostic.ts";
import type { JsonObject } from "../../policy/json.ts";

/** The answer to one question: text for people, and the same as data. */
export interface AccessAnswer {
  readonly text: string;
  readonly json: JsonObject;
}

export type AccessReply = AccessAnswer | Failed;

export function problem(message: string, help: string): Failed {
  return { problems: [refusal("question", message, help)] };
}
