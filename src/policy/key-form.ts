/** Sign that a text is not the key of an object as OSS stores it. */
export interface UnlikelyPart {
  /** Completes "the key `x` ...". */
  readonly what: string;
  readonly help: string;
  /** Key that is meant, if that is certain. */
  readonly meant: string | undefined;
}

/** Returns the first such sign in a key or a pattern of keys; undefined if there is none. */
export function unlikelyPart(key: string, bucket: string): UnlikelyPart | undefined {
  const found = problems(bucket).find(({ form }) => form.test(key));
  return found === undefined ? undefined : { what: found.what, help: found.help, meant: found.meant(key) };
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
      meant: decodedKey,
    },
    {
      form: /\[[^[\]/]+\]|\{[^{},/]*,[^{}/]*\}/,
      what: "contains a pattern of another tool: OSS supports only `*` and `?`",
      help: "write one resource for each alternative",
      meant: () => undefined,
    },
    {
      form: /\\/,
      what: "contains a backslash, which is a character of the key like any other",
      help: "write a slash if folders are meant, or the key without it if it is to escape a character",
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
export function decodedKey(key: string): string | undefined {
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
