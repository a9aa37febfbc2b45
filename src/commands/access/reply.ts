import { refusal, type Diagnostic } from "../../diagnostic.ts";
import type { JsonObject } from "../../policy/json.ts";

/** What one question comes to: text for people, and the same as data. */
export interface AccessAnswer {
  readonly text: string;
  readonly json: JsonObject;
}

export interface QuestionProblems {
  readonly problems: readonly Diagnostic[];
}

export type AccessReply = AccessAnswer | QuestionProblems;

export function problem(message: string, help: string): QuestionProblems {
  return { problems: [refusal("question", message, help)] };
}
