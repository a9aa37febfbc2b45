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
  const found = problems(bucket).find(({ form }) => form.test(key));
  if (found === undefined) return [];
  const meant = found.meant(key);
  const message = `the key \`${key}\` ${found.what}`;
  if (meant === undefined) return [{ message, span: word.span, help: found.help }];
  return [
    { message, span: word.span, help: `write \`${owner}${meant}\``, ...replacing(word, owner + meant) },
  ];
}

/** Checks a prefix, which is the beginning of keys and is compared after decoding. */
function judgePrefix(word: Word): readonly Finding[] {
  if (!/%[0-9A-Fa-f]{2}/.test(word.text)) return [];
  const meant = decoded(word.text);
  const message = `the prefix \`${word.text}\` is URL-encoded, and OSS compares keys as they are stored`;
  if (meant === undefined) return [{ message, span: word.span, help: "write the key as it is stored" }];
  return [{ message, span: word.span, help: `write \`${meant}\``, ...replacing(word, meant) }];
}

interface KeyProblem {
  readonly form: RegExp;
  readonly what: string;
  readonly help: string;
  /** Returns the key that is meant, if that is certain. */
  readonly meant: (key: string) => string | undefined;
}

/** Returns the problems in the order in which they are tried: a key has one finding. */
function problems(bucket: string): readonly KeyProblem[] {
  return [
    {
      form: /(?:acs:oss:|arn:|(?:oss|s3|https?):\/\/)/,
      what: "contains another address",
      help: "write only the key after the bucket, and each address as a resource of its own",
      meant: (key) => keyBehind(bucket, key),
    },
    {
      form: /^[/\\]/,
      what: "begins with a slash or a backslash, which no object name does",
      help: "write the key without it",
      meant: (key) => key.replace(/^[/\\]+/, "") || undefined,
    },
    {
      form: /%[0-9A-Fa-f]{2}/,
      what: "is URL-encoded, and OSS compares keys as they are stored",
      help: "write the key as it is stored",
      meant: decoded,
    },
    {
      form: /\[[^[\]/]+\]|\{[^{},/]*,[^{}/]*\}|\\/,
      what: "contains a pattern of another tool: OSS supports only `*` and `?`",
      help: "write one resource for each alternative",
      meant: () => undefined,
    },
  ];
}

/** Returns the key of a second address, if that is all there is and it is of the same bucket. */
function keyBehind(bucket: string, key: string): string | undefined {
  const [, inner] =
    new RegExp(`^(?:acs:oss:[^:]*:[^:]*:|arn:[^:]*:s3:[^:]*:[^:]*:|(?:oss|s3)://)${bucket}/(.+)$`, "s").exec(
      key,
    ) ?? [];
  return inner === undefined || /acs:oss:|arn:|:\/\//.test(inner) ? undefined : inner;
}

/** Returns the decoded key; undefined if it has a new wildcard or cannot be a key. */
function decoded(key: string): string | undefined {
  try {
    const text = decodeURIComponent(key);
    const wildcards = (one: string) => one.replaceAll(/[^*?]/g, "").length;
    return wildcards(text) === wildcards(key) && !/[\p{Cc}\p{Cf}]|\$\{|%[0-9A-Fa-f]{2}|^[/\\]/u.test(text)
      ? text.normalize("NFC")
      : undefined;
  } catch {
    return undefined;
  }
}
