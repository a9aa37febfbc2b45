import { globMatches, positionsAfter } from "./glob.ts";

/** Documented values of a condition key. */
export type Vocabulary =
  /** Closed list of words. */
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Prefix followed by one or more of some characters; or the empty text if `mayBeEmpty`. */
  | {
      readonly kind: "form";
      readonly beginning: string;
      readonly characters: RegExp;
      readonly description: string;
      readonly mayBeEmpty: boolean;
    };

const vpc: Vocabulary = {
  kind: "form",
  beginning: "vpc-",
  characters: /[a-z0-9]/,
  description: "the id of a VPC: vpc- followed by lower-case letters and digits",
  mayBeEmpty: true,
};

/** Sources: OSS docs (policy syntax; bucket ACL and object ACL; access points); VPC docs (form of ids). */
const vocabularies: ReadonlyMap<string, Vocabulary> = new Map<string, Vocabulary>([
  ["oss:x-oss-acl", { kind: "words", words: ["private", "public-read", "public-read-write"] }],
  [
    "oss:x-oss-object-acl",
    { kind: "words", words: ["private", "public-read", "public-read-write", "default"] },
  ],
  ["oss:AccessPointNetworkOrigin", { kind: "words", words: ["internet", "vpc"] }],
  ["acs:SourceVpc", vpc],
  ["acs:SourceVpcId", vpc],
  [
    "oss:DataAccessPointAccount",
    {
      kind: "form",
      beginning: "",
      characters: /[0-9]/,
      description: "the UID of an account, digits only",
      mayBeEmpty: false,
    },
  ],
  [
    "oss:DataAccessPointArn",
    {
      kind: "form",
      beginning: "acs:oss:",
      characters: /[a-z0-9:/-]/,
      description: "the ARN of an access point: acs:oss:REGION:UID:accesspoint/NAME",
      mayBeEmpty: false,
    },
  ],
  [
    "acs:AccessId",
    {
      kind: "form",
      beginning: "",
      characters: /[A-Za-z0-9._-]/,
      description: "the id of an AccessKey, letters and digits",
      mayBeEmpty: true,
    },
  ],
]);

export function vocabularyOf(key: string): Vocabulary | undefined {
  return vocabularies.get(key);
}

/** Comparison of a text operator. */
export type TextComparison = "exact" | "ignoring case" | "pattern";

/** Returns true if some value of a vocabulary can equal or match a text. */
export function canMatch(vocabulary: Vocabulary, text: string, comparison: TextComparison): boolean {
  const pattern = comparison === "pattern" ? text : undefined;
  if (vocabulary.kind === "words") {
    // An absent key may count as the empty text, so a test for it is not a mistake.
    if (text === "") return true;
    return vocabulary.words.some((word) =>
      pattern === undefined ? isSame(word, text, comparison) : globMatches(pattern, word),
    );
  }
  if (vocabulary.mayBeEmpty && (pattern === undefined ? text === "" : /^\**$/.test(pattern))) return true;
  return pattern === undefined
    ? hasForm(vocabulary, comparison === "exact" ? text : lowerAscii(text))
    : canHaveForm(vocabulary, pattern);
}

function isSame(word: string, text: string, comparison: TextComparison): boolean {
  return comparison === "ignoring case" ? lowerAscii(word) === lowerAscii(text) : word === text;
}

type Form = Extract<Vocabulary, { kind: "form" }>;

function hasForm({ beginning, characters }: Form, text: string): boolean {
  const rest = text.slice(beginning.length);
  return text.startsWith(beginning) && rest !== "" && [...rest].every((one) => characters.test(one));
}

function canHaveForm({ beginning, characters }: Form, pattern: string): boolean {
  const marks = [...pattern];
  return positionsAfter(pattern, beginning).some((position) => {
    const rest = marks.slice(position);
    return rest.length > 0 && rest.every((mark) => mark === "*" || mark === "?" || characters.test(mark));
  });
}

function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Returns the value meant by another spelling, such as `PUBLIC-READ` or `publicRead`; undefined if there is none. */
export function respelled(vocabulary: Vocabulary, text: string): string | undefined {
  const bare = (word: string) => lowerAscii(word).replaceAll(/[^a-z0-9*?]/g, "");
  if (vocabulary.kind === "words") return vocabulary.words.find((word) => bare(word) === bare(text));
  const lower = lowerAscii(text);
  const [, id] = /^(.+)\/\d+$/.exec(lower) ?? [];
  return [lower, id ?? lower].find((word) => word !== text && canMatch(vocabulary, word, "exact"));
}
