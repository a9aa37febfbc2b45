import { findConditionKey } from "../../policy/conditions.ts";
import { parseIpRange } from "../../policy/ip-range.ts";
import { parseMoment } from "../../policy/moment.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { Caller } from "./authenticate.ts";

/** Header by which a test says what the network would: `acs:SourceVpc=vpc-1&acs:SourceIp=10.0.0.7`, form-encoded. */
export const contextHeader = "x-sandbox-context";

interface ValueForm {
  readonly text: string;
  accepts(value: string): boolean;
}

const truth: ValueForm = { text: "`true` or `false`", accepts: (value) => /^(true|false)$/.test(value) };

/** Condition keys whose values a client cannot choose on the loopback, with the form of their values. */
const ofNetwork: ReadonlyMap<string, ValueForm> = new Map([
  ["acs:SourceIp", { text: "an IP address", accepts: isAddress }],
  ["acs:SourceVpc", { text: "the ID of a VPC", accepts: (value) => /^[\w-]*$/.test(value) }],
  ["acs:SecureTransport", truth],
  [
    "acs:CurrentTime",
    {
      text: "a time such as 2026-12-01T12:00:00Z",
      accepts: (value) => parseMoment(value)?.kind === "moment",
    },
  ],
  ["acs:MFAPresent", truth],
]);

function isAddress(value: string): boolean {
  return !value.includes("/") && parseIpRange(value) !== undefined;
}

/** Request as far as condition keys are about it. */
export interface ContextInput {
  readonly caller: Caller;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sourceIp: string;
  readonly nowMs: number;
  /** Parameters of a call that lists; undefined for any other. */
  readonly listing:
    { readonly prefix: string | undefined; readonly delimiter: string | undefined } | undefined;
  /** Tags that the call brings. */
  readonly requestTags: Readonly<Record<string, string>>;
  /** Tags of the object that exists. */
  readonly existingTags: Readonly<Record<string, string>>;
  readonly bucketTags: Readonly<Record<string, string>>;
}

/**
 * Returns the condition keys of a request with their values (OSS docs: bucket policy). A key that OSS does not say to be
 * there is absent: MFA without the header of tests, and the keys of access points.
 */
export function contextOf(input: ContextInput): ReadonlyMap<string, string> | Refused {
  const { caller, headers, listing } = input;
  const said = saidContext(headers[contextHeader]);
  if ("refusal" in said) return said;
  return new Map([
    ["acs:SourceIp", input.sourceIp],
    // On the loopback TLS protects nothing, so a policy that asks for it can be tried over plain http.
    ["acs:SecureTransport", "true"],
    ["acs:CurrentTime", new Date(input.nowMs).toISOString()],
    ...present("acs:AccessId", caller.key?.id),
    ["acs:UserAgent", headers["user-agent"] ?? ""],
    ...present("oss:x-oss-acl", headers["x-oss-acl"] || undefined),
    ...present("oss:x-oss-object-acl", headers["x-oss-object-acl"] || undefined),
    ...present("oss:Prefix", listing?.prefix),
    ...present("oss:Delimiter", listing?.delimiter),
    ...tagKeys("oss:RequestObjectTag", input.requestTags),
    ...tagKeys("oss:ExistingObjectTag", input.existingTags),
    ...tagKeys("oss:BucketTag", input.bucketTags),
    ...said.pairs,
  ]);
}

type ContextPair = readonly [key: string, value: string];

function present(key: string, value: string | undefined): readonly ContextPair[] {
  return value === undefined ? [] : [[key, value]];
}

function tagKeys(name: string, tags: Readonly<Record<string, string>>): readonly ContextPair[] {
  return Object.entries(tags).map(([tag, value]) => [`${name}/${tag}`, value]);
}

/**
 * Parses the header of tests. A key that it may not set, or has twice, and a value that none has are refused: a typing error
 * would decide as if it were not there.
 */
function saidContext(text: string | undefined): { readonly pairs: readonly ContextPair[] } | Refused {
  const pairs = [...new URLSearchParams(text ?? "")];
  const problem = pairs
    .map((pair, index) => pairProblem(pair, pairs.slice(0, index)))
    .find((text) => text !== undefined);
  if (problem === undefined) return { pairs };
  return refuse("InvalidArgument", { message: `In ${contextHeader}, ${problem}.` });
}

function pairProblem([key, value]: ContextPair, before: readonly ContextPair[]): string | undefined {
  const form = ofNetwork.get(key);
  if (form === undefined) {
    const known =
      findConditionKey(key) === undefined ? "is no condition key" : "is taken from the request itself";
    return `\`${key}\` ${known}; it may set ${[...ofNetwork.keys()].join(", ")}`;
  }
  if (before.some(([other]) => other === key)) return `\`${key}\` occurs twice`;
  return form.accepts(value) ? undefined : `\`${key}\` must be ${form.text}`;
}
