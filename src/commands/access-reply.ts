import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { JsonObject } from "../policy/json.ts";

/** What one question comes to: text for people, and the same as data. */
export interface Told {
  readonly text: string;
  readonly json: JsonObject;
}

export interface Problems {
  readonly problems: readonly Diagnostic[];
}

export type Reply = Told | Problems;

export function problem(message: string, help: string): Problems {
  return { problems: [refusal("question", message, help)] };
}
