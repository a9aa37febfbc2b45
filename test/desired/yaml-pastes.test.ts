import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/desired/yaml.ts";

function findings(text: string): readonly string[] {
  return parseYaml(text, "f.yaml").diagnostics.map(
    ({ span, message }) => `${span?.start.line ?? 0}:${span?.start.column ?? 0} ${message}`,
  );
}

describe("what was pasted with a text is named:", () => {
  const marker = "this line is a merge conflict marker";
  const fence = "this line is the fence of a code block in Markdown";
  const comma = "the `,` separates entries of a map in JSON, and the map has no `{` before it";

  test.each([
    [
      "a conflict",
      "bucket: web\n<<<<<<< HEAD\npolicy: none\n=======\nuse: [a]\n>>>>>>> b\n",
      `2:1 ${marker}`,
    ],
    ["the end of a conflict", "bucket: web\npolicy: none\n>>>>>>> b\n", `3:1 ${marker}`],
    ["the middle of a conflict", "bucket: web\n=======\npolicy: none\n", `2:1 ${marker}`],
    ["a fence", '```json\n{ "bucket": "web" }\n```\n', `1:1 ${fence}`],
    ["a fence below a key", 'policy:\n  ```json\n  { "Version": "1" }\n  ```\n', `2:1 ${fence}`],
    ["JSON without its first line", '"Version": "1",\n"Statement": []\n', `1:15 ${comma}`],
    ["JSON without it below a key", 'policy:\n  "Version": "1",\n  "Statement": []\n', `2:17 ${comma}`],
    ["a list of such JSON", '"Statement": [\n  {}\n],\n"Version": "1"\n', `3:2 ${comma}`],
  ])("%s", (_, text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });

  test("in a block of text it is a part of the text", () => {
    expect(findings("a: |\n  <<<<<<< x\n  =======\n  ```\nb: 1\n")).toEqual([]);
  });
});

describe("the help for a tag keeps the value:", () => {
  test.each([
    ["!!set {x}", "write the members as a list, without the tag"],
    ["!!omap [d: 1]", "write the list without the tag"],
    ["!foo [x]", "write the list without the tag"],
    ["!foo {x: 1}", "write the map without the tag"],
    ["!foo\n  - x", "write the list, the map or the text without the tag"],
    ["!!binary aGk=", "write the text itself in quotes, without the tag: base64 is not decoded"],
    ["!web b", "write the value as a string in quotes, without the tag"],
  ])("%s", (value, help) => {
    expect(parseYaml(`a: ${value}\n`, "f.yaml").diagnostics.map((one) => one.help)).toEqual([help]);
  });
});
