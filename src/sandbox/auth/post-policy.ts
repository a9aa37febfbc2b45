import { isObject, parseJson, type Json, type JsonObject } from "../../policy/json.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";

/** Policy of a form: what its fields may be, and until when. */
export interface PostPolicy {
  readonly expiresMs: number;
  readonly conditions: readonly PostCondition[];
  /** Least and most bytes of the file. */
  readonly sizes: readonly [least: number, most: number] | undefined;
}

/** Test of one field. */
interface PostCondition {
  /** Name of the field in lower case. */
  readonly field: string;
  /** Text of the condition in the policy, for the refusal. */
  readonly text: string;
  accepts(value: string): boolean;
}

/** Parses the field `policy`: JSON in UTF-8 and base64 (OSS docs: PostObject, appendix Policy). */
export function postPolicyOf(encoded: string): PostPolicy | Refused {
  const document = documentIn(encoded);
  if (document === undefined) return invalid("The policy is not a JSON object in base64.");
  const { expiration, conditions } = document;
  const expiresMs = typeof expiration === "string" ? parseExpiration(expiration) : undefined;
  if (expiresMs === undefined)
    return invalid("The policy needs an expiration such as 2026-12-01T12:00:00.000Z.");
  if (!Array.isArray(conditions)) return invalid("The policy needs a list of conditions.");
  const tests: PostCondition[] = [];
  let sizes: PostPolicy["sizes"];
  for (const condition of conditions as readonly Json[]) {
    const read = isRange(condition) ? sizesOf(condition) : conditionsOf(condition);
    if ("refusal" in read) return read;
    if ("sizes" in read) sizes = read.sizes;
    else tests.push(...read.tests);
  }
  return { expiresMs, conditions: tests, sizes };
}

/** Form as a policy judges it. */
export interface JudgedForm {
  /** Value of a field in lower case; undefined if the form does not have it. */
  valueOf(field: string): string | undefined;
  readonly nowMs: number;
  /** Fields that the policy must name. */
  readonly required: readonly string[];
}

/** Refuses a form that does not meet the policy (OSS docs: PostObject; EC 0006-00000228; the messages by reports of users). */
export function postPolicyRefusal(
  { expiresMs, conditions }: PostPolicy,
  { valueOf, nowMs, required }: JudgedForm,
): Refused | undefined {
  if (nowMs >= expiresMs) return denied("Policy expired.");
  const extra = required.find((name) => !conditions.some(({ field }) => field === name));
  if (extra !== undefined) return denied(`Extra input fields: ${extra}`, "0006-00000228");
  const failed = conditions.find(({ field, accepts }) => {
    const value = valueOf(field);
    return value === undefined || !accepts(value);
  });
  return failed === undefined ? undefined : denied(`Policy Condition failed: ${failed.text}`);
}

function documentIn(encoded: string): JsonObject | undefined {
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(encoded.trimEnd())) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
    // OSS has an escape that JSON does not have: `\$` is a dollar sign.
    const parsed = parseJson(text.replaceAll("\\$", "$"));
    return "value" in parsed && isObject(parsed.value) ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}

function parseExpiration(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function isRange(condition: Json): condition is readonly Json[] {
  return Array.isArray(condition) && condition[0] === "content-length-range";
}

function sizesOf([, least, most, ...rest]: readonly Json[]):
  { readonly sizes: PostPolicy["sizes"] } | Refused {
  const isFine = isSize(least) && isSize(most) && least <= most && rest.length === 0;
  if (isFine) return { sizes: [least, most] };
  // OSS docs: EC 0006-00000219 to -00000223, of which the sandbox gives the first for all.
  return invalid("The content-length-range must have two sizes, the smaller one first.", "0006-00000219");
}

function isSize(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function conditionsOf(condition: Json): { readonly tests: readonly PostCondition[] } | Refused {
  if (isObject(condition)) {
    const tests = Object.entries(condition).map(([name, value]) => test("eq", name, value, condition));
    const found = tests.filter((each) => each !== undefined);
    return found.length === tests.length && found.length > 0 ? { tests: found } : unknownCondition(condition);
  }
  if (!Array.isArray(condition)) return unknownCondition(condition);
  const [operator, name, value, ...rest] = condition as readonly Json[];
  if (typeof operator !== "string" || typeof name !== "string" || !name.startsWith("$") || rest.length > 0)
    return unknownCondition(condition);
  const found = test(operator.toLowerCase(), name.slice(1), value, condition);
  return found === undefined ? unknownCondition(condition) : { tests: [found] };
}

function test(
  operator: string,
  name: string,
  wanted: Json | undefined,
  condition: Json,
): PostCondition | undefined {
  const text = JSON.stringify(condition);
  const field = name.toLowerCase();
  const accepts = acceptsOf(operator, wanted);
  return accepts === undefined ? undefined : { field, text, accepts };
}

/** Returns the test of an operator: exact, by a prefix, or in a list (OSS docs: PostObject). */
function acceptsOf(operator: string, wanted: Json | undefined): PostCondition["accepts"] | undefined {
  if (typeof wanted === "string") {
    if (operator === "eq") return (value) => value === wanted;
    return operator === "starts-with" ? (value) => value.startsWith(wanted) : undefined;
  }
  if (!Array.isArray(wanted) || !wanted.every((each) => typeof each === "string")) return undefined;
  const list: readonly Json[] = wanted;
  if (operator === "in") return (value) => list.includes(value);
  return operator === "not-in" ? (value) => !list.includes(value) : undefined;
}

function unknownCondition(condition: Json): Refused {
  return invalid(`The condition ${JSON.stringify(condition)} is not one that a policy can have.`);
}

function invalid(message: string, ec?: string): Refused {
  return refuse("InvalidPolicyDocument", { ec, message });
}

function denied(message: string, ec?: string): Refused {
  return refuse("AccessDenied", { ec, message: `Invalid according to Policy: ${message}` });
}
