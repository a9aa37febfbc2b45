import type { Span } from "../diagnostic.ts";
import { globMatches } from "../policy/glob.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalStatement, type Statement } from "../policy/policy.ts";
import { childOf, entryOf, jsonOf, stringOf, type MapNode, type Node } from "./node.ts";
import type { AcceptableHazard } from "./guard-schema.ts";
import { expandVariables, type Expansion } from "./variables.ts";

/** Reviewed consent to one hazard of a bucket. */
export interface Accept {
  readonly of: { readonly hazard: AcceptableHazard } | { readonly guardrail: string };
  readonly reason: string;
  /** Last day on which it is in force, such as `2027-01-31`. */
  readonly until: string | undefined;
  /** Requests of the guardrail that it covers; undefined for all. */
  readonly region: Statement | undefined;
  /** Digest of the live policy that it is valid for; undefined for a hazard that does not depend on it. */
  readonly live: string | undefined;
  readonly span: Span;
  /** With a base: it stood there already, and so was not written for this revision. */
  readonly isOfBase?: boolean;
}

/** Access test beside a policy. */
export interface Expectation {
  readonly demand: "can" | "cannot" | "denied";
  readonly principal: string;
  readonly actions: readonly string[];
  /** An object key or a pattern of keys; undefined for the bucket itself. */
  readonly to: string | undefined;
  readonly context: ReadonlyMap<string, string>;
  readonly span: Span;
  /** Places of its values in the file; absent for one that is in no file. */
  readonly places?: QueryPlaces;
}

/** Places of the values of a query: of the principal, the actions, the key and the context. */
export interface QueryPlaces {
  readonly who?: Span;
  readonly do?: Span;
  readonly to?: Span;
  readonly with?: Span;
}

/** Principal who must never be denied to read, write and delete the bucket policy. */
export interface Operator {
  readonly principal: string;
  readonly context: ReadonlyMap<string, string>;
  /** Absent for the owner, who always is an operator. */
  readonly span?: Span;
  readonly places?: QueryPlaces;
}

/** Returns an operator as a value for comparison. */
export function operatorValue({ principal, context }: Operator): unknown {
  return [principal, [...context].sort()];
}

/** Rule for every policy of an account. */
export interface Guardrail {
  readonly name: string;
  readonly demand: "not allowed" | "denied";
  /** Requests that it covers. */
  readonly scene: Statement;
  readonly span: Span;
}

/** Returns a guardrail as a value for comparison. */
export function guardrailValue({ name, demand, scene }: Guardrail): unknown {
  return [name, demand, scene];
}

/** Context of an expansion, with the identities of the account. */
export interface FileContext extends Expansion {
  readonly identities: ReadonlyMap<string, string>;
}

export function parseAccepts(node: Node | undefined, context: FileContext): readonly Accept[] {
  return mapsIn(node, context).map((item) => {
    const hazard = stringOf(childOf(item, "hazard"));
    const region = childOf(item, "region");
    return {
      of:
        hazard === undefined
          ? { guardrail: stringOf(childOf(item, "guardrail")) ?? "" }
          : { hazard: hazard as AcceptableHazard },
      reason: stringOf(childOf(item, "reason")) ?? "",
      until: stringOf(childOf(item, "until")),
      region: region === undefined ? undefined : sceneIn(region, context),
      live: stringOf(childOf(item, "live")),
      span: item.span,
    };
  });
}

export function parseExpects(node: Node | undefined, context: FileContext): readonly Expectation[] {
  return mapsIn(node, context).map((item) => {
    const demand = (["can", "cannot", "denied"] as const).find((name) => entryOf(item, name) !== undefined);
    return {
      demand: demand ?? "can",
      principal: identityOf(stringOf(childOf(item, demand ?? "can")) ?? "", context),
      actions: stringsOf(childOf(item, "do")),
      to: stringOf(childOf(item, "to")),
      context: contextOf(childOf(item, "with")),
      span: item.span,
      places: placesIn(item, demand ?? "can"),
    };
  });
}

function placesIn(item: MapNode, who: string): QueryPlaces {
  const [caller, ...rest] = [who, "do", "to", "with"].map((name) => childOf(item, name)?.span);
  const named = [
    ["who", caller] as const,
    ...(["do", "to", "with"] as const).map((name, at) => [name, rest[at]] as const),
  ];
  return Object.fromEntries(named.filter(([, span]) => span !== undefined));
}

export function parseOperators(node: Node | undefined, context: FileContext): readonly Operator[] {
  return mapsIn(node, context).map((item) => ({
    principal: identityOf(stringOf(childOf(item, "principal")) ?? "", context),
    context: contextOf(childOf(item, "with")),
    span: item.span,
    places: placesIn(item, "principal"),
  }));
}

/** Parses the guardrails of an account file that apply to a bucket, with its variables. */
export function parseGuardrails(
  account: Node | undefined,
  bucket: string,
  context: FileContext,
): readonly Guardrail[] {
  const node = childOf(account, "guardrails");
  if (node?.kind !== "list") return [];
  const own = node.items.filter(
    (item) => !stringsOf(childOf(item, "except")).some((pattern) => globMatches(pattern, bucket)),
  );
  return mapsIn({ ...node, items: own }, context).map((item) => ({
    name: stringOf(childOf(item, "name")) ?? "",
    demand: childOf(item, "require") === undefined ? "not allowed" : "denied",
    scene: sceneIn(item, context),
    span: entryOf(item, "name")?.value.span ?? item.span,
  }));
}

/** Returns the guardrails of an account file as written, for comparison with the base. */
export function guardrailsIn(
  account: Node | undefined,
): readonly { readonly name: string; readonly json: unknown; readonly span: Span }[] {
  const node = childOf(account, "guardrails");
  const items = node?.kind === "list" ? node.items : [];
  return items.map((item) => ({
    name: stringOf(childOf(item, "name")) ?? "",
    json: jsonOf(item),
    span: item.span,
  }));
}

function mapsIn(node: Node | undefined, context: FileContext): readonly MapNode[] {
  const expanded = node === undefined ? undefined : expandVariables(node, context);
  return expanded?.kind === "list" ? expanded.items.filter((item) => item.kind === "map") : [];
}

const sceneFields = ["Principal", "Action", "Resource", "Condition"];

function sceneIn(node: Node, context: FileContext): Statement {
  const entries = node.kind === "map" ? node.entries.filter(({ name }) => sceneFields.includes(name)) : [];
  const map: MapNode = { kind: "map", entries, span: node.span };
  const statement = canonicalStatement({ ...(jsonOf(map) as JsonObject), Effect: "Deny" });
  const principal = (statement.principal ?? []).map((word) => identityOf(word, context));
  return { ...statement, principal };
}

/** Resolves an identity. The UID of the owner becomes `owner`, whom a statement for everyone may not cover. */
function identityOf(word: string, { identities, variables }: FileContext): string {
  const named = identities.get(word) ?? word;
  return named === variables.get("account") ? "owner" : named;
}

function stringsOf(node: Node | undefined): readonly string[] {
  if (node?.kind === "list") return node.items.flatMap((item) => stringOf(item) ?? []);
  return stringOf(node) === undefined ? [] : [stringOf(node) ?? ""];
}

function contextOf(node: Node | undefined): ReadonlyMap<string, string> {
  const entries = node?.kind === "map" ? node.entries : [];
  return new Map(entries.map(({ name, value }) => [name, stringOf(value) ?? ""]));
}
