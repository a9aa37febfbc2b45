/** All texts that a field of a request can hold, as an automaton: state 0 is the start. */
export interface Language {
  next(state: number, letter: string): number | undefined;
  accepts(state: number): boolean;
  /** Letters that matter in a state beside those of the patterns. */
  letters(state: number): readonly string[];
  /** Whether letters beside those are of any use in a state. */
  isOpen(state: number): boolean;
}

export const anyText: Language = {
  next: () => 0,
  accepts: () => true,
  letters: () => [],
  isOpen: () => true,
};

/** Not empty, and not beginning with `/` or `\` (OSS docs: object naming). */
export const objectKey: Language = {
  next: (state, letter) => (state === 0 && (letter === "/" || letter === "\\") ? undefined : 1),
  accepts: (state) => state === 1,
  letters: () => [],
  isOpen: () => true,
};

/** The empty text for a request from the Internet, else `vpc-` and an id (OSS docs: bucket policy). */
export const sourceVpc = spelled(["v", "p", "c", "-", "some"], (state) => state === 0);

/** `arn:sts::UID:assumed-role/ROLE/SESSION`. */
export const roleSession = spelled(
  [..."arn:sts::", "digits", ..."assumed-role/", "part", "part end"],
  () => false,
);

const prefix = [..."oss:"];
const afterCapital = prefix.length + 1;

/** `oss:` and a name in OSS's spelling: a capital letter, then letters and digits. */
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

/** One way of spelling: letters, then runs of at least one letter. */
function spelled(steps: readonly string[], alsoAccepts: (state: number) => boolean): Language {
  // Two states a step: before it, and (for a run) within it.
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
