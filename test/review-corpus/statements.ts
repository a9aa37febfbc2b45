import type { JsonObject } from "../../src/policy/json.ts";

export const owner = "1746495857600001";

/** Values of each condition key, by operator. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Statement with every list spelled out. */
export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal: readonly string[];
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

/** Makes a statement on keys of a bucket; the empty key is the bucket itself. */
export type Maker = (
  who: readonly string[],
  actions: readonly string[],
  keys: readonly string[],
  condition?: Condition,
) => Statement;

export function makers(bucket: string): { readonly allow: Maker; readonly deny: Maker } {
  const make =
    (Effect: Statement["Effect"]): Maker =>
    (Principal, Action, keys, Condition) => ({
      Effect,
      Principal,
      Action,
      Resource: keys.map((key) => `acs:oss:*:${owner}:${bucket}${key === "" ? "" : `/${key}`}`),
      ...(Condition === undefined ? {} : { Condition }),
    });
  return { allow: make("Allow"), deny: make("Deny") };
}

/** Returns the plain document of a policy. */
export function documentOf(statements: readonly Statement[]): JsonObject {
  return { Version: "1", Statement: statements.map((one): JsonObject => ({ ...one })) };
}
