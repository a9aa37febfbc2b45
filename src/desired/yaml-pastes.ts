import type { YamlProblem } from "./yaml-problem.ts";

/**
 * Finds a line of git or Markdown in a text that is no valid YAML: a merge conflict marker or a code fence. The parser
 * reports what follows from it.
 */
export function pastedLine(text: string): YamlProblem | undefined {
  for (const { form, message, help } of lines) {
    const match = form.exec(text);
    if (match !== null)
      return { message, help, start: match.index, end: match.index + match[0].trimEnd().length };
  }
  return undefined;
}

const lines: readonly { readonly form: RegExp; readonly message: string; readonly help: string }[] = [
  {
    form: /^(?:<{7}|>{7}|\|{7}|={7})(?= |\r?$).*/m,
    message: "this line is a merge conflict marker",
    help: "keep the lines that are meant, and remove the other ones and the markers",
  },
  {
    form: /^(?: {0,16})(?:```|~~~)[\w-]*\r?$/m,
    message: "this line is the fence of a code block in Markdown",
    help: "remove the fences before and behind the text",
  },
];
