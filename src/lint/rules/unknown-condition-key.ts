import { suggestion } from "../../near-miss.ts";
import { conditionKeyPrefixes, conditionKeys, findConditionKey } from "../../policy/conditions.ts";
import type { Rule } from "../rule.ts";

export const unknownConditionKey: Rule = {
  code: "unknown-condition-key",
  severity: "warning",
  summary: "a condition key that OSS does not document",
  explanation: `OSS documents a list of condition keys (OSS docs: policy syntax); whether it knows others is not
documented, nor is what a test of an unknown key yields, nor whether OSS compares keys with case:
an Allow may never apply, and a Deny may never protect. Keys that begin with aws: or s3: belong to another
cloud, and some that begin with acs: belong to RAM alone.

Mend: write a documented key, exactly as it is spelt.`,
  check: ({ statements }) =>
    statements
      .flatMap(({ tests }) => tests.map(({ key }) => key))
      .filter(({ text }) => findConditionKey(text) === undefined)
      .map(({ text, span }) => ({
        message: `\`${text}\` is not a condition key that OSS documents`,
        span,
        help: mendOf(text),
      })),
};

/** In lower case: what stands in OSS for keys of other clouds and services. */
const counterparts: ReadonlyMap<string, string> = new Map([
  ["aws:sourceip", "write `acs:SourceIp`"],
  ["aws:vpcsourceip", "write `acs:SourceIp`"],
  ["aws:sourcevpc", "write `acs:SourceVpc`"],
  ["aws:securetransport", "write `acs:SecureTransport`"],
  ["aws:useragent", "write `acs:UserAgent`"],
  ["aws:currenttime", "write `acs:CurrentTime`"],
  ["aws:multifactorauthpresent", "write `acs:MFAPresent`"],
  ["s3:prefix", "write `oss:Prefix`"],
  ["s3:delimiter", "write `oss:Delimiter`"],
  ["s3:x-amz-acl", "write `oss:x-oss-acl` or `oss:x-oss-object-acl`"],
  ["acs:tlsversion", "write `acs:SecureTransport` to tell HTTPS from HTTP; no key tells TLS versions apart"],
  ["oss:tlsversion", "write `acs:SecureTransport` to tell HTTPS from HTTP; no key tells TLS versions apart"],
  ["acs:referer", "remove it; the bucket's own referer setting is for this"],
  ["oss:referer", "remove it; the bucket's own referer setting is for this"],
  ["aws:referer", "remove it; the bucket's own referer setting is for this"],
  ["acs:sourcearn", "remove it; name the callers in `Principal`"],
  ["acs:sourceaccount", "remove it; name the callers in `Principal`"],
  ["acs:principalarn", "remove it; name the callers in `Principal`"],
  ["aws:sourcearn", "remove it; name the callers in `Principal`"],
  ["aws:sourceaccount", "remove it; name the callers in `Principal`"],
  ["aws:principalarn", "remove it; name the callers in `Principal`"],
  ["acs:requestedregion", "remove it; a bucket has one region"],
]);

const documented: readonly string[] = [
  ...conditionKeys.map(({ name }) => name),
  ...conditionKeyPrefixes.map(({ name }) => `${name}KEY`),
];

function mendOf(text: string): string {
  const folded = text.toLowerCase();
  const counterpart = counterparts.get(folded);
  if (counterpart !== undefined) return counterpart;
  const spelt = documented.find((name) => name.toLowerCase() === folded);
  if (spelt !== undefined) return `did you mean \`${spelt}\`?`;
  const prefix = conditionKeyPrefixes.find(({ name }) => folded.startsWith(name.toLowerCase().slice(0, -1)));
  if (prefix !== undefined) return `write the tag behind it: \`${prefix.name}KEY\``;
  if (/^[a-z0-9]+:(resource|request|principal)tag\b/.test(folded))
    return "for tags OSS has `oss:BucketTag/KEY`, `oss:ExistingObjectTag/KEY` and `oss:RequestObjectTag/KEY`";
  return suggestion(text, documented);
}
