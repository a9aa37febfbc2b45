import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authenticate } from "../../src/sandbox/auth/authenticate.ts";
import { openDirectory } from "../../src/sandbox/auth/identity.ts";
import { canonicalRequest } from "../../src/sandbox/auth/signature.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { placeOf } from "../../src/sandbox/wire/place.ts";
import { seedOf, type RawCall } from "../support/sandbox.ts";
import { signedAs, signedForms, type FormCall, type SignedForm } from "../support/signed-forms.ts";
import { runs } from "../support/runs.ts";

const directory = openDirectory(seedOf("app"));
const nowMs = Date.parse("2026-11-29T20:00:00Z");

/** Result of the check of a call: the key that signed it, or the code of the refusal, or undefined for an anonymous one. */
function signerOf({ method = "GET", path = "/", headers = {} }: RawCall): string | undefined {
  const route = placeOf(headers["host"] ?? "", path);
  if ("refusal" in route) return route.refusal.code;
  const caller = authenticate({ method, route, headers }, directory, nowMs);
  return "refusal" in caller ? caller.refusal.code : caller.key?.id;
}

/** Everything that a signature covers, in one text: two calls with the same are the same call. */
function meaningOf({ method = "GET", path = "/", headers = {} }: RawCall): string {
  const route = placeOf(headers["host"] ?? "", path);
  if ("refusal" in route) return route.refusal.code;
  const all = { method, ...route, headers, additionalHeaders: [] };
  return `${canonicalRequest(all)}\n${headers["authorization"] ?? ""}\n${headers["date"] ?? ""}`;
}

const calls: fc.Arbitrary<FormCall> = fc.record({
  method: fc.constantFrom("GET", "PUT", "DELETE"),
  bucket: fc.constantFrom("app", "web"),
  key: fc.constantFrom("", "a/b", "中 +%2F", "..", "a//b"),
  query: fc.constantFrom([], [["acl", ""]], [
    ["partNumber", "1"],
    ["uploadId", "a+b/c="],
  ] as const),
  headers: fc.constantFrom({}, { "x-oss-meta-a": "one two" }, { "content-type": "text/plain" }),
  inPath: fc.boolean(),
  nowMs: fc.constant(nowMs),
});

/** Part of a call in which a character is changed. */
const parts = ["method", "path", "header"] as const;

function flipped(call: RawCall, part: (typeof parts)[number], seed: number, by: number): RawCall {
  const { method = "GET", path = "/", headers = {} } = call;
  if (part === "method") return { ...call, method: flip(method, seed, by) };
  if (part === "path") return { ...call, path: flip(path, seed, by) };
  const names = Object.keys(headers).filter((name) => name !== "host");
  const name = names[seed % names.length];
  if (name === undefined) return { ...call, path: flip(path, seed, by) };
  return { ...call, headers: { ...headers, [name]: flip(headers[name] ?? "", seed, by) } };
}

/** Replaces one character by another printable one. */
function flip(text: string, seed: number, by: number): string {
  const at = seed % text.length;
  const code = 33 + ((text.charCodeAt(at) - 33 + 1 + (by % 93)) % 94);
  return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
}

describe.each(signedForms)("%s", (form: SignedForm) => {
  test("a signed call is its signer's", () => {
    fc.assert(
      fc.property(calls, (call) => {
        expect(signerOf(signedAs(form, call))).toBe(sandboxKey.id);
      }),
      { numRuns: runs(50) },
    );
  });

  test("no character of the method, the address or a signed header can be changed", () => {
    const change = fc.tuple(fc.constantFrom(...parts), fc.nat(), fc.nat());
    fc.assert(
      fc.property(calls, change, (call, [part, seed, by]) => {
        const right = signedAs(form, call);
        const wrong = flipped(right, part, seed, by);
        fc.pre(meaningOf(wrong) !== meaningOf(right));
        expect(signerOf(wrong)).not.toBe(sandboxKey.id);
      }),
      { numRuns: runs(500) },
    );
  });

  test("no character of the secret can be changed", () => {
    fc.assert(
      fc.property(calls, fc.nat(), fc.nat(), (call, seed, by) => {
        const signer = { ...sandboxKey, secret: flip(sandboxKey.secret, seed, by) };
        expect(signerOf(signedAs(form, { ...call, signer }))).toBe("SignatureDoesNotMatch");
      }),
      { numRuns: runs(50) },
    );
  });
});
