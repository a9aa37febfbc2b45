import { openSentSignatures } from "./sent-signatures.ts";

/** Secrets of this run that no report may show. Each signed request adds its signature. */
export interface Secrets {
  /** Returns the text without any secret, whole or in parts, plain or encoded. */
  clean(text: string): string;
  /** Returns true if a text that must not change, such as a policy, contains a secret. */
  isIn(text: string): boolean;
  /** Adds secrets that the run got later, such as those of an assumed role, and names such as a key id. */
  add(secrets: readonly (string | undefined)[], names?: readonly string[]): void;
  /** Adds the signature in an Authorization header. */
  addSignature(header: string): void;
}

export const removed = "[removed]";

/** Shorter words are not treated as secrets: they occur in texts by chance, as `sandbox` does. */
const leastLength = 8;
/** Any part of a secret with this length counts as a secret. */
const partLength = 12;
/** Limit of additions that are kept, the newest: a service that runs for weeks gets credentials every hour. */
const maxAdditions = 24;

/**
 * Opens the secrets of a run from their plain text. They are found in every spelling of `spellingsOf`, even with
 * white space or invisible characters between their letters, and by any part of `partLength` letters. `names`,
 * such as an access key id, are removed from messages but may be in policies.
 */
export function openSecrets(
  secrets: readonly (string | undefined)[],
  names: readonly string[] = [],
): Secrets {
  const first = knownOf(secrets, names);
  let added: readonly KnownSecrets[] = [];
  let { hidden, forbidden } = indexOf([first]);
  const signatures = openSentSignatures();
  return {
    clean: (text) => {
      const compact = compacted(text.replaceAll(authorization, removed));
      const ranges = [
        ...partRanges(compact.text, hidden),
        ...signatureRanges(compact.text),
        ...signatures.partsIn(compact.text),
      ];
      const isRevealed = (inside: string) =>
        isRevealing(inside, hidden) || signatures.partsIn(inside).length > 0;
      return without(compact, ranges)
        .replaceAll(packed, (run) => (isRevealed(textOf(run, "base64")) ? removed : run))
        .replaceAll(escaped, (run) => (isRevealed(textOf(run.replaceAll("%", ""), "hex")) ? removed : run));
    },
    isIn: (text) =>
      text.search(authorization) >= 0 ||
      hasPart(text.replaceAll(allSkipped, "").toLowerCase(), forbidden) ||
      signatures.isIn(text.toLowerCase()),
    add: (more, moreNames = []) => {
      added = [...added, knownOf(more, moreNames)].slice(-maxAdditions);
      ({ hidden, forbidden } = indexOf([first, ...added]));
    },
    addSignature: (header) => {
      for (const run of header.match(signature) ?? []) signatures.add(run.toLowerCase());
    },
  };
}

/** Secrets and names that are long enough to be searched for. */
interface KnownSecrets {
  readonly secrets: readonly string[];
  readonly names: readonly string[];
}

function knownOf(secrets: readonly (string | undefined)[], names: readonly string[]): KnownSecrets {
  const isLong = (text: string | undefined): text is string =>
    text !== undefined && text.length >= leastLength;
  return { secrets: secrets.filter(isLong), names: names.filter(isLong) };
}

function indexOf(known: readonly KnownSecrets[]): {
  readonly hidden: Parts;
  readonly forbidden: QuickParts;
} {
  const secrets = known.flatMap((one) => one.secrets);
  const names = known.flatMap((one) => one.names);
  return { hidden: partsOf([...secrets, ...names]), forbidden: quickPartsOf(secrets) };
}

/** Authorization header of either version of OSS's signature, of STS's, or with a bearer token. */
const authorization =
  /(?:OSS4|ACS3)-HMAC-SHA256\s+Credential=[^\s"'<>]*(?:,\s*[A-Za-z]+=[^\s"'<>]*)*|\bOSS\s+[\w.]{8,}:[\w+/=]{20,}|\bBearer\s+[\w.~+/=-]{8,}/gi;
const signature = /(?<![\da-f])[\da-f]{64}(?![\da-f])/gi;
/** Run that may be text in base64. */
const packed = /[A-Za-z\d+/_-]{24,}={0,2}/g;
/** Run of which every byte is percent-encoded. */
const escaped = /(?:%[\da-f]{2}){8,}/gi;

function textOf(run: string, encoding: "base64" | "hex"): string {
  return compacted(Buffer.from(run, encoding).toString("latin1")).text;
}

/** Returns true if a text that was encoded holds a secret or a signature. */
function isRevealing(text: string, hidden: Parts): boolean {
  return (
    /signature=|credential=/i.test(text) ||
    partRanges(text, hidden).length > 0 ||
    signatureRanges(text).length > 0
  );
}

interface Parts {
  /** Whole short secrets and parts of long ones, by length. */
  readonly byLength: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Faster index for policies, of which a run reads many: short spellings whole, long ones by any `longPart` letters. */
interface QuickParts {
  readonly whole: readonly string[];
  readonly parts: ReadonlySet<string>;
}

const longPart = 24;

function quickPartsOf(secrets: readonly string[]): QuickParts {
  const spellings = secrets.flatMap(spellingsOf).map((spelling) => compacted(spelling).text);
  const parts = partsOf(secrets).byLength.get(partLength) ?? new Set<string>();
  return { whole: spellings.filter(({ length }) => length < longPart), parts };
}

/** Returns true if a text contains a secret. Any `longPart` letters contain a part at a multiple of the stride. */
function hasPart(text: string, { whole, parts }: QuickParts): boolean {
  if (whole.some((spelling) => text.includes(spelling))) return true;
  const stride = longPart - partLength + 1;
  if (parts.size > 0)
    for (let at = 0; at + partLength <= text.length; at += stride)
      if (parts.has(text.slice(at, at + partLength))) return true;
  return false;
}

/** Returns the parts in lower case, because encodings differ in case; so case never hides a secret. */
function partsOf(secrets: readonly string[]): Parts {
  const byLength = new Map<number, Set<string>>();
  const add = (part: string) => {
    const known = byLength.get(part.length) ?? new Set();
    byLength.set(part.length, known.add(part));
  };
  for (const spelling of secrets.flatMap(spellingsOf)) {
    const text = compacted(spelling).text;
    const length = Math.min(text.length, partLength);
    for (let at = 0; at + length <= text.length; at += 1) add(text.slice(at, at + length));
  }
  return { byLength };
}

/** Returns a secret plain, percent-encoded, as entities, in hex and in base64 at every offset in a longer text. */
function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const encoded = encodeURIComponent(secret);
  const all = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "");
    // The letters at both ends also depend on the text next to the secret.
    return text.slice(before === 0 ? 0 : before + 1, (before + bytes.length) % 3 === 0 ? undefined : -1);
  });
  const spellings = [
    secret,
    [...secret].reverse().join(""),
    encoded,
    encodeURIComponent(encoded),
    all.map((hex) => `%${hex}`).join(""),
    all.join(""),
    all.join(":"),
    all.map((hex) => `\\u00${hex}`).join(""),
    all.map((hex) => `\\x${hex}`).join(""),
    all.map((hex) => `&#x${hex};`).join(""),
    [...bytes].map((byte) => `&#${byte};`).join(""),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
  return [...new Set(spellings)].filter((spelling) => compacted(spelling).text.length >= leastLength);
}

/** Text without white space, invisible characters and backslash escapes, with the original index of each letter. */
interface Compact {
  readonly text: string;
  readonly places: readonly number[];
  readonly original: string;
}

const skipped = /[\s\p{Cc}\p{Cf}]/u;
const allSkipped = /(?:\\[nrt]?|[\s\p{Cc}\p{Cf}])+/gu;

function compacted(original: string): Compact {
  const places: number[] = [];
  let text = "";
  for (let at = 0; at < original.length; at += 1) {
    const letter = original.charAt(at);
    if (skipped.test(letter)) continue;
    if (letter === "\\") {
      if (/[nrt]/.test(original.charAt(at + 1))) at += 1;
      continue;
    }
    const lower = letter.toLowerCase();
    text += lower.length === 1 ? lower : letter;
    places.push(at);
  }
  return { text, places, original };
}

type TextRange = readonly [start: number, end: number];

function partRanges(text: string, { byLength }: Parts): readonly TextRange[] {
  const found: TextRange[] = [];
  for (const [length, parts] of byLength)
    for (let at = 0; at + length <= text.length; at += 1)
      if (parts.has(text.slice(at, at + length))) found.push([at, at + length]);
  return found;
}

/** Finds long runs of hex digits: they may be signatures, and no message needs them. */
function signatureRanges(text: string): readonly TextRange[] {
  return [...text.matchAll(/[\da-f]{40,}/g)].map((match) => [match.index, match.index + match[0].length]);
}

function without({ original, places }: Compact, ranges: readonly TextRange[]): string {
  let text = "";
  let from = 0;
  for (const [start, end] of joined(ranges)) {
    text += `${original.slice(from, places[start])}${removed}`;
    from = (places[end - 1] ?? original.length) + 1;
  }
  return text + original.slice(from);
}

/** Sorts the ranges and merges those that touch or overlap. */
function joined(ranges: readonly TextRange[]): readonly TextRange[] {
  const all: TextRange[] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last === undefined || start > last[1]) all.push([start, end]);
    else all[all.length - 1] = [last[0], Math.max(last[1], end)];
  }
  return all;
}
