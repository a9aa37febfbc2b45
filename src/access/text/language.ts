/** DFAs of the languages that the text fields of a request can hold. */

/** DFA of all texts that a field can hold. State 0 is the start; undefined is the dead state. */
export interface Language {
  next(state: number, letter: string): number | undefined;
  accepts(state: number): boolean;
  /** Letters that the DFA itself distinguishes in a state. */
  letters(state: number): readonly string[];
  /** Returns true if other letters can lead to an accepted text. */
  isOpen(state: number): boolean;
}

export const anyText: Language = {
  next: () => 0,
  accepts: () => true,
  letters: () => [],
  isOpen: () => true,
};

/** Texts that are not empty and do not begin with `/` or `\` (OSS docs: object naming). */
export const objectKey: Language = {
  next: (state, letter) => (state === 0 && (letter === "/" || letter === "\\") ? undefined : 1),
  accepts: (state) => state === 1,
  letters: () => [],
  isOpen: () => true,
};

/** Empty text for a request from the Internet, otherwise `vpc-` and an id (OSS docs: bucket policy). */
export const sourceVpc = spelled(["v", "p", "c", "-", "some"], (state) => state === 0);

/** ARNs of role sessions: `arn:sts::UID:assumed-role/ROLE/SESSION`. */
export const roleSession = spelled(
  [..."arn:sts::", "digits", ..."assumed-role/", "part", "part end"],
  () => false,
);

const prefix = [..."oss:"];
const afterCapital = prefix.length + 1;

/** Names of actions: `oss:`, a capital letter, then letters and digits. */
export const actionName: Language = {
  next: (state, letter) => {
    if (state < prefix.length) return letter === prefix[state] ? state + 1 : undefined;
    const takes = state === prefix.length ? /^[A-Z]$/ : /^[A-Za-z0-9]$/;
    return takes.test(letter) ? afterCapital : undefined;
  },
  accepts: (state) => state === afterCapital,
  letters: (state) => prefix.slice(state, state + 1),
  isOpen: (state) => state >= prefix.length,
};

/** Builds the DFA of a sequence of single letters and named runs; a run has at least one letter. */
function spelled(steps: readonly string[], alsoAccepts: (state: number) => boolean): Language {
  // Each step has two states: before it and, for a run, within it.
  const runs: Readonly<Record<string, { takes: RegExp; end: string }>> = {
    some: { takes: /^.$/su, end: "" },
    digits: { takes: /^[0-9]$/, end: ":" },
    part: { takes: /^[^/]$/su, end: "/" },
    "part end": { takes: /^[^/]$/su, end: "" },
  };
  return {
    next: (state, letter) => {
      const [index, isWithin] = [state >> 1, (state & 1) === 1];
      const step = steps[index] ?? "";
      const run = runs[step];
      if (run === undefined) return letter === step ? (index + 1) * 2 : undefined;
      if (isWithin && run.end !== "" && letter === run.end) return (index + 1) * 2;
      return run.takes.test(letter) ? index * 2 + 1 : undefined;
    },
    accepts: (state) => state === steps.length * 2 - 1 || alsoAccepts(state),
    isOpen: (state) => runs[steps[state >> 1] ?? ""] !== undefined,
    letters: (state) => {
      const step = steps[state >> 1] ?? "";
      const run = runs[step];
      if (run === undefined) return step === "" ? [] : [step];
      return (state & 1) === 1 && run.end !== "" ? [run.end] : [];
    },
  };
}
