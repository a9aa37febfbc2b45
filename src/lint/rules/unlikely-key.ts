import { decodedKey, unlikelyPart } from "../../policy/key-form.ts";
import { matchesObjects, parseResource } from "../../policy/resource.ts";
import type { Finding, PolicyInFile, Rule, Word } from "../rule.ts";
import { replacing } from "../texts.ts";

export const unlikelyKey: Rule = {
  code: "unlikely-key",
  severity: "warning",
  summary: "a key that contains an address, URL-encoding or the patterns of another tool",
  explanation: `The part of a resource after the bucket is the key of objects as it is stored, with * and ? as the only wildcards (OSS
docs: policy syntax). It is not URL-encoded and does not begin with a slash or a backslash (OSS docs: object names).
[ab], {a,b} and a backslash are plain characters in it. A key with a second address or one of these most likely matches
no object: an Allow gives nothing, and a Deny blocks nothing.

Fix: write the key as it is stored, or silence the finding with its reason if objects have such keys.`,
  check: (policy) =>
    policy.statements.flatMap(({ resources, tests }) => [
      ...resources.flatMap((word) => judge(word, policy)),
      ...tests
        .filter(({ key }) => key.text === "oss:Prefix")
        .flatMap(({ values }) => values.flatMap(judgePrefix)),
    ]),
};

function judge(word: Word, { bucket: { bucket } }: PolicyInFile): readonly Finding[] {
  const resource = parseResource(word.text);
  // foreign-resource reports those that are not of this bucket.
  if (resource?.kind !== "named" || !matchesObjects(resource, bucket)) return [];
  const at = resource.name.indexOf("/");
  if (at < 0) return [];
  const owner = word.text.slice(0, word.text.length - resource.name.length + at + 1);
  const key = resource.name.slice(at + 1);
  const found = unlikelyPart(key, bucket);
  if (found === undefined) return [];
  const { meant } = found;
  const message = `the key \`${key}\` ${found.what}`;
  if (meant === undefined) return [{ message, span: word.span, help: found.help }];
  return [
    { message, span: word.span, help: `write \`${owner}${meant}\``, ...replacing(word, owner + meant) },
  ];
}

/** Checks a prefix, which is the beginning of keys and is compared after decoding. */
function judgePrefix(word: Word): readonly Finding[] {
  if (!/%[0-9A-Fa-f]{2}/.test(word.text)) return [];
  const meant = decodedKey(word.text);
  const message = `the prefix \`${word.text}\` is URL-encoded, and OSS compares keys as they are stored`;
  if (meant === undefined) return [{ message, span: word.span, help: "write the key as it is stored" }];
  return [{ message, span: word.span, help: `write \`${meant}\``, ...replacing(word, meant) }];
}
