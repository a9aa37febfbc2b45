/**
 * Values as a file of GitHub Actions takes them (`GITHUB_OUTPUT`): each between two lines of a word that
 * it does not hold, so that no value ends early or adds another. It begins with an empty line, for
 * what a step wrote before may have ended without one.
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
