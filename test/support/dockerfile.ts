/** Instruction of a Dockerfile, with the stage that it belongs to. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
  /** 0 for what is before the first FROM. */
  readonly stage: number;
}

/** Parses a Dockerfile: continued lines are one instruction, and comments are left out. */
export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  let stage = 0;
  return lines.flatMap((line) => {
    const [, name = "", rest = ""] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === "") return [];
    if (name.toUpperCase() === "FROM") stage += 1;
    return [{ name: name.toUpperCase(), text: rest.trim(), stage }];
  });
}

/** Fills in the defaults of build arguments. */
function withArguments(instructions: readonly Instruction[]): readonly Instruction[] {
  const values = new Map(
    instructions
      .filter(({ name }) => name === "ARG")
      .map(({ text }) => text.split("=", 2) as [string, string]),
  );
  return instructions.map((one) => ({
    ...one,
    text: one.text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole),
  }));
}

/** Finds what hadolint and Docker's documentation ("Building best practices") warn of, in the part of the language that we use. */
export function problemsOf(
  instructions: readonly Instruction[],
  exists: (path: string) => boolean,
): readonly string[] {
  const filled = withArguments(instructions);
  const last = Math.max(...filled.map(({ stage }) => stage));
  const final = filled.filter(({ stage }) => stage === last);
  return [...filled.flatMap((one) => problemsOfOne(one, exists)), ...problemsOfImage(final)];
}

function problemsOfOne({ name, text }: Instruction, exists: (path: string) => boolean): readonly string[] {
  const says = (isWrong: boolean, problem: string) => (isWrong ? [`${name} ${text}: ${problem}`] : []);
  if (name === "FROM") return says(!/^\S+:\d+\.\d+\.\d+-\S+/.test(text), "the version is not pinned");
  if (name === "ADD") return says(true, "COPY does it without downloads and unpacking");
  if (name === "WORKDIR") return says(!text.startsWith("/"), "the path is not absolute");
  if (name === "ENTRYPOINT" || name === "CMD") return says(!isList(text), "a shell would take the signals");
  if (name === "RUN")
    return [...says(/\bsudo\b|\bcurl\b|\bwget\b/.test(text), "a download"), ...aptProblems(text)];
  if (name !== "COPY" || text.startsWith("--from=")) return [];
  return sourcesOf(text).flatMap((path) => says(!exists(path), `${path} does not exist`));
}

function aptProblems(text: string): readonly string[] {
  if (!text.includes("apt-get install")) return [];
  const wanted = ["apt-get update", "--no-install-recommends", "--yes", "rm -rf /var/lib/apt/lists/*"];
  return wanted.filter((part) => !text.includes(part)).map((part) => `RUN ${text}: it has no \`${part}\``);
}

function problemsOfImage(final: readonly Instruction[]): readonly string[] {
  const user = final.findLast(({ name }) => name === "USER")?.text ?? "root";
  const entry = final.filter(({ name }) => name === "ENTRYPOINT");
  return [
    ...(/^(root|0)(:|$)/.test(user) ? ["the image runs as root"] : []),
    ...(entry.length === 1 ? [] : ["the image has not one ENTRYPOINT"]),
  ];
}

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Returns the sources of a COPY. */
export function sourcesOf(text: string): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => !word.startsWith("--"))
    .slice(0, -1);
}
