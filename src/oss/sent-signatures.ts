/** Signatures that a run has sent. Those of the last calls are also found in parts: their answers come soon. */
export interface SentSignatures {
  /** Adds a signature, in lower case. */
  add(signature: string): void;
  /** Returns true if a text in lower case contains a signature, or a part of a recent one. */
  isIn(text: string): boolean;
  /** Finds parts of recent signatures in a text in lower case. */
  partsIn(text: string): readonly (readonly [start: number, end: number])[];
}

/** Limit of stored signatures; a signature is useless after 15 minutes. */
const maxSignatures = 50_000;
/** Least number of signatures that are also found in parts; at most twice as many are. */
const leastRecent = 256;
const signatureLength = 64;
/** Any part of a recent signature with this length counts as the signature. */
const partLength = 16;
const runs = new RegExp(String.raw`[\da-f]{${partLength},}`, "g");
const keyLength = 8;
/** A part of `partLength` letters contains a key at a multiple of this. */
const stride = partLength - keyLength + 1;

/**
 * Opens the signatures of a run. An index by keys tells which recent ones a text may hold a part of. Every policy has runs of
 * digits, the UIDs of accounts, and comparing each with all signatures would take a tenth of a plan.
 */
export function openSentSignatures(): SentSignatures {
  const all = new Set<string>();
  let [newest, older] = [emptyIndex(), emptyIndex()];
  const likely = (run: string): string => {
    const found = new Set<string>();
    for (let at = 0; at + keyLength <= run.length; at += 1) {
      const key = run.slice(at, at + keyLength);
      found.add(newest.byKey.get(key) ?? "").add(older.byKey.get(key) ?? "");
    }
    return [...found].join("");
  };
  const partsIn = (text: string) => {
    const found: (readonly [number, number])[] = [];
    // A run may be longer than a signature, since white space before it is left out.
    for (const { 0: run, index } of text.matchAll(runs)) {
      const signatures = likely(run);
      if (signatures === "") continue;
      for (let at = 0; at + partLength <= run.length; at += 1)
        if (signatures.includes(run.slice(at, at + partLength)))
          found.push([index + at, index + at + partLength]);
    }
    return found;
  };
  return {
    add: (signature) => {
      if (all.size >= maxSignatures) all.clear();
      all.add(signature);
      if (newest.count === leastRecent) [newest, older] = [emptyIndex(), newest];
      newest.count += 1;
      for (let at = 0; at + keyLength <= signature.length; at += stride) {
        const key = signature.slice(at, at + keyLength);
        newest.byKey.set(key, `${newest.byKey.get(key) ?? ""} ${signature}`);
      }
    },
    isIn: (text) =>
      (text.match(runs) ?? []).some((run) => run.length === signatureLength && all.has(run)) ||
      partsIn(text).length > 0,
    partsIn,
  };
}

interface SignatureIndex {
  count: number;
  /** Signatures with a key at a multiple of the stride, after a blank each. */
  readonly byKey: Map<string, string>;
}

function emptyIndex(): SignatureIndex {
  return { count: 0, byKey: new Map() };
}
