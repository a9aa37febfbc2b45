import type { Span } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { entryOf, stringOf, type Node } from "./node.ts";
import { acceptableHazards, passingHazards } from "./guard-schema.ts";

/** Word that makes an entry of a guard fail its schema, and the nearest allowed word. */
export interface WrongWord {
  readonly message: string;
  readonly span: Span;
  readonly help: string;
}

const keys: Readonly<Record<string, readonly string[]>> = {
  accept: ["hazard", "guardrail", "reason", "until", "region", "live"],
  expect: ["can", "cannot", "denied", "do", "to", "with"],
  operators: ["principal", "with"],
  guardrails: ["name", "require", "Principal", "Action", "Resource", "Condition", "except"],
};

/** Finds the first wrong word of an entry; undefined if the mistake is not in a word. */
export function wrongWord(list: string, item: Node): WrongWord | undefined {
  const allowed = keys[list];
  if (item.kind !== "map" || allowed === undefined) return undefined;
  const unknown = item.entries.find(({ name }) => !allowed.includes(name));
  if (unknown !== undefined) {
    const { name, nameSpan } = unknown;
    return {
      message: `\`${name}\` is not a key of ${list}`,
      span: nameSpan,
      help: suggestion(name, allowed),
    };
  }
  return list === "accept" ? wrongHazard(item) : undefined;
}

function wrongHazard(item: Node): WrongWord | undefined {
  const written = entryOf(item, "hazard")?.value;
  const hazard = stringOf(written);
  if (written === undefined || hazard === undefined) return undefined;
  const all: readonly string[] = [...acceptableHazards, ...passingHazards];
  if (!all.includes(hazard)) {
    const near = nearMiss(hazard, all);
    const help = near === undefined ? `allowed here: ${all.join(", ")}` : `did you mean \`${near}\`?`;
    return { message: `\`${hazard}\` is not a hazard that can be accepted`, span: written.span, help };
  }
  const isPassing = (passingHazards as readonly string[]).includes(hazard);
  if (!isPassing || entryOf(item, "live") !== undefined) return undefined;
  const help = "write the digest of the live policy as `live`, as in the plan";
  return { message: `\`${hazard}\` is accepted for one live policy only`, span: written.span, help };
}
