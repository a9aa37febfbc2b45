/**
 * Renders values for `GITHUB_OUTPUT` of GitHub Actions. Each is between two delimiters that it does not
 * contain, so that no value ends early or adds another. The text starts with a newline, since earlier output
 * of the step may have no final newline.
 */
export function renderStepOutputs(values: Readonly<Record<string, string>>): string {
  const blocks = Object.entries(values).map(([name, value]) => {
    const end = delimiterFor(value);
    return `${name}<<${end}\n${value}\n${end}\n`;
  });
  return `\n${blocks.join("")}`;
}

function delimiterFor(value: string): string {
  let end = "END";
  while (value.includes(end)) end += "_END";
  return end;
}
