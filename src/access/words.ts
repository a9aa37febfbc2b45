import {
  accessLevel,
  accessLevels,
  actions,
  actionsMatching,
  isGrantable,
  type Action,
} from "../policy/actions.ts";
import { switchTexts, type Switch } from "./readings.ts";
import type { Region } from "./regions.ts";
import type { Decision, Request } from "./request.ts";

/** What a policy says about a request, as a verb. */
export const decisionTexts: Readonly<Record<Decision, string>> = {
  allow: "allowed",
  deny: "denied",
  none: "not matched",
};

/** What people call a UID or a role session, by that. */
export type Names = ReadonlyMap<string, string>;

const noNames: Names = new Map();

export function namedText(text: string, names: Names): string {
  const name = names.get(text);
  return name === undefined ? text : `${name} (${text})`;
}

/** `anonymous oss:GetObject on logs/x from 10.0.0.1`. */
export function requestText({ principal, action, resource, context }: Request, names = noNames): string {
  const parts = [...context].map(([key, value]) => contextText(key, value));
  return [
    namedText(principal, names),
    action,
    resource === "" ? "on the bucket" : `on ${resource}`,
    ...parts,
  ].join(" ");
}

function contextText(key: string, value: string): string {
  switch (key) {
    case "acs:SecureTransport":
      return value === "false" ? "over plain http" : "over TLS";
    case "acs:SourceVpc":
      return value === "" ? "from outside of any VPC" : `from ${value}`;
    case "acs:SourceIp":
      return `from ${value}`;
    case "acs:CurrentTime":
      return `at ${value}`;
  }
  return `with ${key}=${value}`;
}

/** `everyone: oss:GetObject on logs/* over TLS`. */
export function regionText(
  { principals, actions: what, resources, conditions }: Omit<Region, "witness">,
  names = noNames,
): string {
  const on = resources.map((text) =>
    text === "(bucket)" ? "the bucket" : text.replace(/^\*(?=$| except )/, "all objects"),
  );
  const under = conditions.map(conditionText);
  const who = principals.map((text) => namedText(text, names)).join(", ");
  const text = `${who}: ${actionsText(what)} on ${shortList(on)}`;
  return under.length === 0 ? text : `${text}, ${under.join(", ")}`;
}

const mostShown = 6;

/** Many actions are told by their levels first: `read and list actions, such as ...`. */
function actionsText(texts: readonly string[]): string {
  if (texts.length <= mostShown) return texts.join(", ");
  const told = actions.filter(
    (action) => isGrantable(action) && texts.some((text) => includes(text, action)),
  );
  const levels = accessLevels.filter((level) => told.some((action) => accessLevel(action) === level));
  const last = levels.at(-1) ?? "";
  const named = levels.length < 2 ? last : `${levels.slice(0, -1).join(", ")} and ${last}`;
  return `${named} actions (${shortList(texts)})`;
}

/** Whether the text of some actions, such as `oss:Get* except oss:GetObject`, speaks of one. */
function includes(text: string, action: Action): boolean {
  const [base = "", ...exceptions] = text.split(/ except |, /);
  const matches = (pattern: string) => actionsMatching(pattern).includes(action);
  return matches(base) && !exceptions.some(matches);
}

function shortList(items: readonly string[]): string {
  if (items.length <= mostShown) return items.join(", ");
  return `${items.slice(0, mostShown).join(", ")} and ${items.length - mostShown} more`;
}

const vpcTexts: readonly (readonly [string, string])[] = [
  ["any except ", "any VPC or none, except "],
  ['""', "none"],
  ["vpc-*", "any VPC"],
];

function conditionText(text: string): string {
  const [, key = "", values = ""] = /^([^ ]+): (.*)$/s.exec(text) ?? [];
  switch (key) {
    case "acs:SecureTransport":
      return values === "true" ? "over TLS" : values === "false" ? "over plain http" : text;
    case "acs:SourceIp":
      return `from ${values.replace(/^any except /, "any address except ")}`;
    case "acs:SourceVpc":
      return vpcText(vpcTexts.reduce((told, [odd, plain]) => told.replace(odd, plain), values));
    case "acs:CurrentTime":
      return values;
  }
  return `where ${key} is ${values}`;
}

function vpcText(told: string): string {
  if (told === "none") return "from outside of any VPC";
  return told.startsWith("any") ? `from ${told}` : `from VPC ${told}`;
}

/** What a result depends on, as one sentence; empty where it holds under every reading. */
export function dependenceText(switches: readonly Switch[]): string {
  if (switches.length === 0) return "";
  return `OSS does not document ${switches.map((name) => switchTexts[name]).join("; or ")}`;
}
