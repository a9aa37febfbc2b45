import type { MapNode } from "../desired/node.ts";
import type { Span } from "../diagnostic.ts";
import { nearMiss } from "../near-miss.ts";
import { policyFieldNames, statementFieldNames } from "../policy/field-names.ts";
import type { Finding } from "./rule.ts";

const fields: readonly string[] = [...policyFieldNames, ...statementFieldNames];

/** Returns the place of an entry that is this field, misspelt or negated: the reason why the field is missing. */
export function insteadOf({ entries }: MapNode, field: string): Pick<Finding, "behind"> {
  const entry = entries.find(
    ({ name }) => !fields.includes(name) && (name === `Not${field}` || nearMiss(name, [field]) !== undefined),
  );
  const behind: Span | undefined = entry?.nameSpan;
  return behind === undefined ? {} : { behind };
}
