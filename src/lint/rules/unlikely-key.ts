import { matchesObjects, parseResource } from "../../policy/resource.ts";
import type { Finding, PolicyInFile, Rule, Word } from "../rule.ts";
import { replacing } from "../texts.ts";

export const unlikelyKey: Rule = {
  code: "unlikely-key",
  severity: "warning",
  summary: "a key that holds an address, URL-encoding or the patterns of another tool",
  explanation: `After the bucket, a resource has the key of objects as it is stored, with * and ? as the only wildcards (OSS
docs: policy syntax). It is not URL-encoded, it does not begin with a slash or a backslash (OSS docs: object names),
and [ab], {a,b} and a backslash are plain characters in it. A key that holds a second address or one of these most
likely matches no object: an Allow gives nothing, and a Deny stops nothing.

Mend: write the key as it is stored, or silence the finding with its reason if objects have such keys.`,
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
  // foreign-resource speaks of those that are not of this bucket.
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

/** A prefix is the beginning of keys, and is compared once it is decoded. */
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
  /** The key that is meant, where that is certain. */
  readonly meant: (key: string) => string | undefined;
}

/** In the order in which they are tried: a key has one finding. */
function problems(bucket: string): readonly KeyProblem[] {
  return [
    {
      form: /(?:acs:oss:|arn:|(?:oss|s3|https?):\/\/)/,
      what: "holds another address",
      help: "write the key alone behind the bucket, each address as a resource of its own",
      meant: (key) => keyBehind(bucket, key),
    },
    {
      form: /^[/\\]/,
      what: "begins with a slash or a backslash, as the name of no object does",
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
      form: /\[[^\]/]+\]|\{[^{}/]*,[^{}/]*\}|\\/,
      what: "holds a pattern of another tool: OSS knows `*` and `?` alone",
      help: "write one resource for each alternative",
      meant: () => undefined,
    },
  ];
}

/** The key behind a second address of the same bucket that is all there is. */
function keyBehind(bucket: string, key: string): string | undefined {
  const [, inner] =
    new RegExp(`^(?:acs:oss:[^:]*:[^:]*:|arn:[^:]*:s3:[^:]*:[^:]*:|(?:oss|s3)://)${bucket}/(.+)$`, "s").exec(
      key,
    ) ?? [];
  return inner === undefined || /acs:oss:|arn:|:\/\//.test(inner) ? undefined : inner;
}

/** Undefined where the encoding stands for a wildcard or for nothing that can be read. */
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
