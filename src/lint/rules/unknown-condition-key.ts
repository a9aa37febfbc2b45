import { conditionKeyPrefixes, conditionKeys, findConditionKey } from "../../policy/conditions.ts";
import { nearConditionKey } from "../../policy/near-key.ts";
import type { Finding, Rule, TestInFile, Word } from "../rule.ts";
import { replacing } from "../texts.ts";

export const unknownConditionKey: Rule = {
  code: "unknown-condition-key",
  severity: "warning",
  summary: "a condition key that OSS does not document",
  explanation: `OSS documents a list of condition keys (OSS docs: policy syntax). It does not document whether it knows others, what
a test of an unknown key results in, or whether it compares keys with case. So an Allow may never apply, and a Deny may
never protect. Keys that begin with aws: or s3: belong to another cloud, and some that begin with acs: belong to RAM
alone. acs:PrincipalArn is one of the latter: OSS stores a policy with it and does not enforce the test, so a Deny with
it protects nothing. acs:Referer, oss:Referer and oss:content-type are expressly not supported (Alibaba Cloud's
diagnosis texts). These are errors.

Fix: write a documented key, spelled exactly as documented.`,
  check: ({ statements }) =>
    statements.flatMap(({ tests }) =>
      tests.filter(({ key }) => findConditionKey(key.text) === undefined).map(({ key }) => judge(key, tests)),
    ),
};

function judge(key: Word, tests: readonly TestInFile[]): Finding {
  const { text, span } = key;
  const near = isRefused(text) || counterparts.has(text.toLowerCase()) ? undefined : nearConditionKey(text);
  const help = near === undefined ? helpOf(text) : `did you mean \`${near}\`?`;
  const known = tests.map((test) => test.key.text);
  // OSS refuses acs:SourceIp alone, and a map can have a key only once.
  const isLone = near === "acs:SourceIp" && !known.includes("acs:SourceVpc");
  const isExact = near !== undefined && !isLone && !known.includes(near);
  const severity = isRefused(text) ? ("error" as const) : ("warning" as const);
  return { severity, message: problemOf(text), span, help, ...(isExact ? replacing(key, near) : {}) };
}

/** Keys that bucket policies do not support, according to Alibaba Cloud's own diagnosis texts. */
const unsupported = ["acs:referer", "oss:referer", "oss:content-type"];

function isRefused(text: string): boolean {
  return [...unsupported, "acs:principalarn"].includes(text.toLowerCase());
}

function problemOf(text: string): string {
  const folded = text.toLowerCase();
  if (folded === "acs:principalarn")
    return `OSS stores \`${text}\` and does not enforce it: only RAM evaluates this key`;
  if (unsupported.includes(folded)) return `OSS does not support \`${text}\` in bucket policies`;
  return `\`${text}\` is not a condition key that OSS documents`;
}

const refererHelp = "use the referer setting of the bucket, and correct or remove this statement";
const callerHelp = "name the callers in `Principal` instead of this test";

/** Counterparts in OSS for keys of other clouds and services, which are in lower case. */
const counterparts: ReadonlyMap<string, string> = new Map([
  ["aws:sourceip", "write `acs:SourceIp`, with a test of acs:SourceVpc beside it"],
  ["aws:vpcsourceip", "write `acs:SourceIp`, with a test of acs:SourceVpc beside it"],
  ["aws:sourcevpc", "write `acs:SourceVpc`"],
  ["aws:securetransport", "write `acs:SecureTransport`"],
  ["aws:useragent", "write `acs:UserAgent`"],
  ["aws:currenttime", "write `acs:CurrentTime`"],
  ["aws:multifactorauthpresent", "write `acs:MFAPresent`"],
  ["s3:prefix", "write `oss:Prefix`, which only listing calls have"],
  ["s3:delimiter", "write `oss:Delimiter`, which only listing calls have"],
  ["s3:x-amz-acl", "write oss:x-oss-acl for bucket ACLs, or oss:x-oss-object-acl for object ACLs"],
  ["acs:tlsversion", "no key distinguishes TLS versions; acs:SecureTransport distinguishes HTTPS from HTTP"],
  ["oss:tlsversion", "no key distinguishes TLS versions; acs:SecureTransport distinguishes HTTPS from HTTP"],
  ["acs:referer", refererHelp],
  ["oss:referer", refererHelp],
  ["aws:referer", refererHelp],
  ["acs:sourcearn", callerHelp],
  ["acs:sourceaccount", callerHelp],
  ["aws:sourcearn", callerHelp],
  ["aws:sourceaccount", callerHelp],
  ["aws:principalarn", callerHelp],
  ["oss:content-type", "no key tests the content type: correct or remove the statement"],
  ["acs:requestedregion", "a bucket has one region: correct or remove the statement"],
]);

const documented: readonly string[] = [
  ...conditionKeys.map(({ name }) => name),
  ...conditionKeyPrefixes.map(({ name }) => `${name}KEY`),
];

function helpOf(text: string): string {
  const folded = text.toLowerCase();
  if (folded === "acs:principalarn") return callerHelp;
  const counterpart = counterparts.get(folded);
  if (counterpart !== undefined) return counterpart;
  const prefix = conditionKeyPrefixes.find(({ name }) => folded.startsWith(name.toLowerCase().slice(0, -1)));
  if (prefix !== undefined) return `write the key of the tag after ${prefix.name}`;
  if (/^[a-z0-9]+:(resource|request|principal)tag\b/.test(folded))
    return "for tags OSS has oss:BucketTag/KEY, oss:ExistingObjectTag/KEY and oss:RequestObjectTag/KEY";
  return `allowed here: ${documented.join(", ")}`;
}
