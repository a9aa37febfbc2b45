import { actions } from "../../src/policy/action-catalogue.ts";
import { globMatches } from "../../src/policy/glob.ts";
import type { Request } from "../../src/access/request.ts";
import type { Pick } from "../soak/random.ts";
import { stranger } from "./account.ts";
import { endsOf } from "./ranges.ts";
import { request, some } from "./scene.ts";
import type { Statement } from "./statements.ts";

/**
 * Returns requests at the edges of statements: most are in what one of them is on, with any values of the
 * condition keys that they test.
 */
export function requestsAt(statements: readonly Statement[], count: number, pick: Pick): readonly Request[] {
  if (statements.length === 0) return [];
  const values = [...valuesOf(statements)];
  return Array.from({ length: count }, () => {
    const [one, other] = [some(statements, pick), some(statements, pick)];
    const near = pick(4) > 0 ? one : other;
    const asking = pick(8) === 0 ? some(["anonymous", "owner", stranger], pick) : callerOf(one, pick);
    const key = keyOf(near, pick);
    const context = Object.fromEntries(
      values.flatMap(([name, all]) => {
        const value = some([...all], pick);
        return value === undefined || (name === "acs:AccessId" && asking === "anonymous")
          ? []
          : [[name, value]];
      }),
    );
    return request(asking, actionOf(one, key === "", pick), key, context);
  });
}

function callerOf({ Principal }: Statement, pick: Pick): string {
  const word = some(Principal, pick);
  return word === "*" ? some(["anonymous", stranger], pick) : filled(word, ["", "x", "main"], pick);
}

/** Fills a pattern with one of the texts for each `*`. */
function filled(pattern: string, texts: readonly string[], pick: Pick): string {
  return pattern.replaceAll("*", () => some(texts, pick)).replaceAll("?", "x");
}

function keyOf({ Resource }: Statement, pick: Pick): string {
  const [, key = ""] = /^acs:oss:\*:[^:]*:[^/]*\/?(.*)$/s.exec(some(Resource, pick)) ?? [];
  return key === "" ? "" : filled(key, ["", "x", "2025/x", "z.csv"], pick) || "x";
}

/** Returns an action on the bucket or on objects that a statement names; any other if it names none. */
function actionOf({ Action }: Statement, onBucket: boolean, pick: Pick): string {
  const level = onBucket ? "bucket" : "object";
  const ofLevel = actions.filter((action) => action.level === level);
  const pattern = some(Action, pick);
  const matching = ofLevel.filter(({ name }) => globMatches(pattern, name));
  return some(matching.length > 0 ? matching : ofLevel, pick).name;
}

/** Returns values at the edges of what is tested for each condition key; undefined is a request without it. */
function valuesOf(statements: readonly Statement[]): ReadonlyMap<string, ReadonlySet<string | undefined>> {
  const values = new Map<string, Set<string | undefined>>();
  for (const { Condition = {} } of statements)
    for (const keys of Object.values(Condition))
      for (const [key, tested] of Object.entries(keys)) {
        const all = values.get(key) ?? new Set();
        for (const value of [...(others[key] ?? []), ...tested.flatMap((one) => edgesOf(key, one))])
          all.add(value);
        values.set(key, all);
      }
  return values;
}

/** Values that no statement names. */
const others: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "acs:SourceVpc": ["", "vpc-stranger", undefined],
  "acs:SourceIp": ["192.0.2.55", "8.8.8.8", "200.1.1.1", "2a00::1"],
  "acs:SecureTransport": ["true", "true", "false"],
  "acs:MFAPresent": ["true", "false", undefined],
  "acs:UserAgent": ["curl/8.0", "other", undefined],
  "acs:AccessId": ["LTAI5tOld1", "LTAI5tNew1", "STS.x"],
  "acs:CurrentTime": ["2026-06-01T00:00:00.000Z", "2040-01-01T00:00:00.000Z"],
};

function edgesOf(key: string, value: string): readonly string[] {
  if (key === "acs:SourceIp") return endsOf(value);
  if (key === "acs:SourceVpc") return value.includes("*") ? [] : [value];
  if (key !== "acs:CurrentTime") return [];
  return [-1, 0, 1].map((ms) => new Date(Date.parse(value) + ms).toISOString());
}
