import type { Diagnostic, Span } from "../diagnostic.ts";
import { nearMiss, suggestion } from "../near-miss.ts";
import { scalarText } from "../policy/policy.ts";
import { entryOf, stringOf, type Node } from "./node.ts";
import { acceptableHazards, passingHazards } from "./guard-schema.ts";

/** Word that makes an entry of a guard fail its schema, and the nearest allowed word. */
export interface WrongWord {
  readonly code: "unknown-key" | "wrong-value";
  readonly message: string;
  readonly span: Span;
  readonly help: string;
  readonly fix?: Diagnostic["fix"];
}

const keys: Readonly<Record<string, readonly string[]>> = {
  accept: ["hazard", "guardrail", "reason", "until", "region", "live"],
  expect: ["can", "cannot", "denied", "do", "to", "with"],
  operators: ["principal", "with"],
  guardrails: ["name", "require", "Principal", "Action", "Resource", "Condition", "except"],
};

/** Maximum of reported words of an entry. */
const maxWords = 20;

/** Finds the wrong words of an entry; none if the mistake is not in a word. */
export function wrongWords(list: string, item: Node): readonly WrongWord[] {
  const allowed = keys[list];
  if (item.kind !== "map" || allowed === undefined) return [];
  const unknown = item.entries
    .filter(({ name }) => !allowed.includes(name))
    .map(({ name, nameSpan }) => ({
      code: "unknown-key" as const,
      message: `\`${name}\` is not a key of ${list}`,
      span: nameSpan,
      help: suggestion(name, allowed),
    }));
  const rest = list === "accept" ? wrongAccept(item, unknown.length > 0) : [];
  return [...unknown, ...unquotedIn(item), ...rest].slice(0, maxWords);
}

/** Finds numbers and booleans: every value below these keys is a string. */
export function unquotedIn(node: Node): readonly WrongWord[] {
  if (node.kind === "list") return node.items.flatMap(unquotedIn);
  if (node.kind === "map") return node.entries.flatMap(({ value }) => unquotedIn(value));
  const { value, span, source } = node;
  if (typeof value === "string" || value === null) return [];
  const quoted = `"${source ?? scalarText(value)}"`;
  return [
    {
      code: "wrong-value",
      message: `\`${source ?? scalarText(value)}\` must be a string`,
      span,
      help: `write it in quotes: \`${quoted}\``,
      fix: { edits: [{ span, text: quoted }] },
    },
  ];
}

/** Finds what is wrong in the known keys of an accept. An unknown key may stand for one that is missing. */
function wrongAccept(item: Node, hasUnknown: boolean): readonly WrongWord[] {
  const subject = hasUnknown ? undefined : wrongSubject(item);
  const words =
    subject === undefined ? [wrongHazard(item), hasUnknown ? undefined : wrongRest(item)] : [subject];
  return words.filter((word) => word !== undefined);
}

function wrongSubject(item: Node): WrongWord | undefined {
  const [hazard, guardrail] = [entryOf(item, "hazard"), entryOf(item, "guardrail")];
  if (hazard !== undefined && guardrail !== undefined)
    return {
      code: "wrong-value",
      message: "an accept is of a `hazard` or of a `guardrail`, and this one has both",
      span: guardrail.nameSpan,
      help: "write an entry for each",
    };
  if (hazard !== undefined || guardrail !== undefined) return undefined;
  return {
    code: "wrong-value",
    message: "an accept needs a `hazard` or a `guardrail`",
    span: item.span,
    help: "copy the entry that the plan prints under the change",
  };
}

/** Finds what is wrong beside the hazard or guardrail. */
function wrongRest(item: Node): WrongWord | undefined {
  if (entryOf(item, "reason") === undefined)
    return {
      code: "wrong-value",
      message: "`reason` is missing",
      span: item.span,
      help: "say in `reason` why this is acceptable",
    };
  // To take out what should narrow an accept widens it, so the help says what is accepted then.
  const isHazard = entryOf(item, "hazard") !== undefined;
  const alien = entryOf(item, isHazard ? "region" : "live");
  if (alien === undefined) return undefined;
  return {
    code: "wrong-value",
    message: `\`${alien.name}\` is no key of the accept of a ${isHazard ? "hazard" : "guardrail"}`,
    span: alien.nameSpan,
    help: isHazard
      ? "remove it if all that the hazard is about is accepted"
      : "remove it if every live policy is accepted, or narrow the accept with `region`",
  };
}

/** What is accepted in another way, or not at all. */
const otherConsents: ReadonlyMap<string, string> = new Map([
  ["guardrail-broken", "name the guardrail: `guardrail: NAME` in place of `hazard`"],
  ["limits", "a limit is lifted for one run: `--accept limits@ACCOUNT`"],
  ["limit", "a limit is lifted for one run: `--accept limits@ACCOUNT`"],
  ["new-account", "a new account is accepted for one run: `--accept new-account@UID`"],
  ["unknown-owner", "an unknown owner is accepted for one run: `--accept unknown-owner@BUCKET`"],
  ["wrong-owner", "nothing accepts it: the file must be in the folder of the account that owns the bucket"],
]);

function wrongHazard(item: Node): WrongWord | undefined {
  const written = entryOf(item, "hazard")?.value;
  const hazard = stringOf(written);
  if (written === undefined || hazard === undefined) return undefined;
  const all: readonly string[] = [...acceptableHazards, ...passingHazards];
  const otherWay = otherConsents.get(hazard);
  if (otherWay !== undefined)
    return {
      code: "wrong-value",
      message: `\`${hazard}\` is not a hazard that can be accepted`,
      span: written.span,
      help: otherWay,
    };
  if (!all.includes(hazard)) {
    const near = nearMiss(hazard, all);
    const help = near === undefined ? `allowed here: ${all.join(", ")}` : `did you mean \`${near}\`?`;
    return {
      code: "wrong-value",
      message: `\`${hazard}\` is not a hazard that can be accepted`,
      span: written.span,
      help,
    };
  }
  const isPassing = (passingHazards as readonly string[]).includes(hazard);
  if (!isPassing || entryOf(item, "live") !== undefined) return undefined;
  const help = "write the digest of the live policy as `live`, as in the plan";
  return {
    code: "wrong-value",
    message: `\`${hazard}\` is accepted for one live policy only`,
    span: written.span,
    help,
  };
}
