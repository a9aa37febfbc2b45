/** Returns the code of an error of the operating system, such as `ENOENT`; else the error as text. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

const maxFrames = 8;

/**
 * Returns the kind and the place of an error that only a bug can throw. Its message is left out: it may quote what was
 * worked on, such as the headers of a call or a line of a file with keys.
 */
export function bugText(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const kind = /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : "Error";
  const { message, stack = "" } = error;
  // A message may have lines that look like frames.
  const after = message === "" ? 0 : stack.indexOf(message) + message.length;
  const frames = stack
    .slice(after)
    .split("\n")
    .filter((line) => /^ {4}at [^'"]{1,300}:\d+:\d+\)?$/.test(line));
  return [kind, ...frames.slice(0, maxFrames)].join("\n");
}
