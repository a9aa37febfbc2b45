/** Signatures of the last calls, which are also found in parts: the server of a call answers before many others are made. */
export interface RecentSignatures {
  /** Adds a signature, in lower case. */
  add(signature: string): void;
  /** Finds parts of the signatures, in runs of hex digits in lower case. */
  partsIn(text: string): readonly (readonly [start: number, end: number])[];
}

/** Least number of signatures that are kept; at most twice as many are. */
const leastKept = 256;
/** Any part of a signature with this length counts as the signature. */
const partLength = 16;
const keyLength = 8;
/** A part of `partLength` letters contains a key at a multiple of this. */
const stride = partLength - keyLength + 1;

/**
 * Opens the signatures of a run. An index by keys tells which of them a text may hold a part of, because every policy
 * that is read has runs of digits, the ids of accounts, which would else be looked up in all of them.
 */
export function openRecentSignatures(): RecentSignatures {
  let [newest, older] = [emptyIndex(), emptyIndex()];
  const alike = (run: string): string => {
    const found: string[] = [];
    for (let at = 0; at + keyLength <= run.length; at += 1) {
      const key = run.slice(at, at + keyLength);
      for (const { byKey } of [newest, older]) {
        const signatures = byKey.get(key);
        if (signatures !== undefined) found.push(signatures);
      }
    }
    return found.length === 0 ? "" : [...new Set(found)].join(" ");
  };
  return {
    add: (signature) => {
      if (newest.count === leastKept) [newest, older] = [emptyIndex(), newest];
      newest.count += 1;
      for (let at = 0; at + keyLength <= signature.length; at += stride) {
        const key = signature.slice(at, at + keyLength);
        newest.byKey.set(key, `${newest.byKey.get(key) ?? ""} ${signature}`);
      }
    },
    // A run may be longer than a signature, since white space before it is left out.
    partsIn: (text) => {
      const found: [number, number][] = [];
      for (const { 0: run, index } of text.matchAll(/[\da-f]{16,}/g)) {
        const signatures = alike(run);
        if (signatures === "") continue;
        for (let at = 0; at + partLength <= run.length; at += 1)
          if (signatures.includes(run.slice(at, at + partLength)))
            found.push([index + at, index + at + partLength]);
      }
      return found;
    },
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
