import { describe, expect, test } from "vitest";
import { jsonOf } from "../../src/desired/node.ts";
import { parseYaml } from "../../src/desired/yaml.ts";
import { jsonText } from "../../src/policy/json.ts";

/** Each finding as `line:column message`. */
function findings(text: string): readonly string[] {
  return parseYaml(text, "f.yaml").diagnostics.map(
    ({ span, message }) => `${span?.start.line ?? 0}:${span?.start.column ?? 0} ${message}`,
  );
}

function helps(text: string): readonly (string | undefined)[] {
  return parseYaml(text, "f.yaml").diagnostics.map(({ help }) => help);
}

function jsonIn(text: string): string | undefined {
  const { node } = parseYaml(text, "f.yaml");
  return node === undefined ? undefined : jsonText(jsonOf(node));
}

describe("what YAML has and JSON has not is an error at its place", () => {
  test.each([
    ["YAML 1.1", "%YAML 1.1\n---\na: yes\n", ["1:1 the directive `%YAML 1.1` is not supported"]],
    ["YAML 1.3", "%YAML 1.3\n---\na: 1\n", ["1:1 the directive `%YAML 1.3` is not supported"]],
    [
      "%TAG",
      "%TAG !e! tag:e,2000:\n---\na: 1\n",
      ["1:1 the directive `%TAG !e! tag:e,2000:` is not supported"],
    ],
    [
      "a directive behind a byte order mark",
      "\uFEFF%YAML 1.1\n---\na: 1\n",
      ["1:2 the directive `%YAML 1.1` is not supported"],
    ],
    ["a directive without a document", "%FOO\na: 1\n", ["1:1 the directive `%FOO` is not supported"]],
    [
      "tags of YAML 1.1",
      "a: !!timestamp 2026-12-31\nb: [!!binary aGk=, !!set {x}]\nc: !!omap [d: 1]\n",
      [
        "1:4 the tag `!!timestamp` gives a value that JSON does not have",
        "2:5 the tag `!!binary` gives a value that JSON does not have",
        "2:20 the tag `!!set` gives a value that JSON does not have",
        "3:4 the tag `!!omap` gives a value that JSON does not have",
      ],
    ],
    ["a tag of one's own", "a: !web b\n", ["1:4 the tag `!web` gives a value that JSON does not have"]],
    [
      "a whole tag",
      "a: !<tag:yaml.org,2002:set> {b}\n",
      ["1:4 the tag `!<tag:yaml.org,2002:set>` gives a value that JSON does not have"],
    ],
    [
      "a tag on a key",
      "!!binary aGk=: 1\n",
      ["1:1 the tag `!!binary` gives a value that JSON does not have"],
    ],
    ["a core tag that does not fit", "a: !!int b\n", ["1:4 the value does not have the type of its tag"]],
    [
      "special floats",
      "a: [.inf, -.INF, .nan]\n",
      [
        "1:5 `.inf` is not a JSON number",
        "1:11 `-.INF` is not a JSON number",
        "1:18 `.nan` is not a JSON number",
      ],
    ],
    [
      "numbers of other bases",
      "a: [0x1F, 0o17]\n",
      ["1:5 `0x1F` is not a JSON number", "1:11 `0o17` is not a JSON number"],
    ],
    [
      "numbers in other forms",
      "a: [+1, .5, 1., 007]\n",
      [
        "1:5 `+1` is not a JSON number",
        "1:9 `.5` is not a JSON number",
        "1:13 `1.` is not a JSON number",
        "1:17 `007` is not a JSON number",
      ],
    ],
    ["a control character", "a: b\u0007c\n", ["1:5 the control character U+0007 cannot be in a YAML file"]],
    ["another encoding", "a\u0000:\u0000", ["1:2 the file has a character U+0000, and is no UTF-8 text"]],
    [
      "a lone carriage return",
      "# a\rpolicy: none\n",
      ["1:4 a carriage return without a line feed is not a line end that all YAML readers share"],
    ],
    ["an anchor without a value", "a: [&b, c]\n", ["1:7 `&b` is an anchor, and no value follows it"]],
    ["a merge key", "a: &x { b: 1 }\nc: { <<: *x }\n", ["2:6 `<<` cannot be a key here"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["2:1 the file has more than one YAML document"]],
  ])("%s", (_, text, expected) => {
    expect(findings(text)).toEqual(expected);
    expect(jsonIn(text)).toBeUndefined();
  });

  test("what looks like it and is text stays text", () => {
    const text = "%YAML 1.2\n---\na: '!x'\nb: >-\n  !y\nc: x!z # !c\nd: 2026-12-31\ne: yes\nf: 12:30\n";
    expect(jsonIn(text)).toBe('{"a":"!x","b":"!y","c":"x!z","d":"2026-12-31","e":"yes","f":"12:30"}');
  });

  test("tags of the core schema are read", () => {
    const text = 'a: !!str 1\nb: !!int "2"\nc: ! 3\nd: !!seq [!!bool true, !!null null]\ne: !!map {}\n';
    expect(jsonIn(text)).toBe('{"a":"1","b":2,"c":"3","d":[true,null],"e":{}}');
  });

  test("JSON numbers keep every character", () => {
    expect(jsonIn("[-0, 1e3, 1.0, 1E400, 202147604049351234, 0.10]")).toBe(
      "[-0,1e3,1.0,1E400,202147604049351234,0.10]",
    );
  });
});

/** A mistake, the one finding that it has, and the text after its help is followed. */
const typing: readonly (readonly [name: string, text: string, finding: string, fixed: string])[] = [
  [
    "JSON at the margin",
    'policy:\n{\n  "a": 1\n}\n',
    "2:1 `{` is not indented, so this is not the value of `policy`",
    'policy: {\n  "a": 1\n}\n',
  ],
  [
    "a JSON list at the margin",
    "a:\n  b:\n  [\n    1\n  ]\n",
    "3:3 `[` is not indented, so this is not the value of `b`",
    "a:\n  b: [\n    1\n  ]\n",
  ],
  ["JSON in tabs", 'policy: {\n\t"a": 1\n}\n', "2:1 a tab cannot indent YAML", 'policy: {\n  "a": 1\n}\n'],
  ["a tab", "a:\n\tb: 1\n", "2:1 a tab cannot indent YAML", "a:\n  b: 1\n"],
  [
    "JSON with a comment",
    'a: {\n  // who\n  "b": 1 }\n',
    "2:3 `// who` is not a comment in YAML",
    'a: {\n  # who\n  "b": 1 }\n',
  ],
  [
    "typographic quotes",
    "a: [“b”, “c”]\n",
    "1:5 `“b”` is in typographic quotes, which YAML reads as letters, and so are 1 more",
    'a: ["b", "c"]\n',
  ],
  [
    "a variable in brackets",
    "a: [acs:${b}:c, ${d}]\n",
    "1:5 `acs:${b}:c` in brackets needs quotes, since `{` starts a map there",
    'a: ["acs:${b}:c", "${d}"]\n',
  ],
  [
    "no space behind a colon",
    "Effect:Allow\nAction: a\n",
    "1:1 there is no space behind the colon of `Effect`",
    "Effect: Allow\nAction: a\n",
  ],
  [
    "no colon",
    "Effect Allow\nAction: a\n",
    "1:1 there is no colon behind `Effect`",
    "Effect: Allow\nAction: a\n",
  ],
  [
    "no space behind a dash",
    "a:\n- b\n-c\n- d\n",
    "3:1 there is no space behind the `-` of a list item",
    "a:\n- b\n- c\n- d\n",
  ],
  [
    "an open quote",
    'a: ["b, "c"]\nd: e\n',
    "1:5 a quote starts here and does not end on this line",
    'a: ["b", "c"]\nd: e\n',
  ],
  [
    "an open quote at the end",
    'a: "b\nc: d\n',
    "1:4 a quote starts here and does not end on this line",
    'a: "b"\nc: d\n',
  ],
  ["an open bracket", "a: [b, c\nd: e\n", "1:4 `[` is not closed", "a: [b, c]\nd: e\n"],
  [
    "JSON without a comma after a value",
    '{\n  "a": "1"\n  "b": [2]\n}\n',
    '2:8 there is no comma after `"1"`',
    '{\n  "a": "1",\n  "b": [2]\n}\n',
  ],
  [
    "JSON without a comma after a bracket",
    'a: { "b": [2]\n  "c": 3 }\n',
    "1:13 there is no comma after `]`",
    'a: { "b": [2],\n  "c": 3 }\n',
  ],
  ["a list without a comma", 'a: ["b" "c"]\n', '1:5 there is no comma after `"b"`', 'a: ["b", "c"]\n'],
  [
    "a stray indentation",
    "a:\n  b: 1\n c: 2\n",
    "3:2 the indentation of this line matches no line above",
    "a:\n  b: 1\n  c: 2\n",
  ],
  ["a second colon", "a: b: c\n", "1:4 a second `: ` on one line", 'a: "b: c"\n'],
  ["a bad escape", 'a: "\\d"\n', "1:5 `\\d` is not an escape of YAML", 'a: "\\\\d"\n'],
  ["a star", "a: *\n", "1:4 `*` starts an alias in YAML", 'a: "*"\n'],
  [
    "an alias of nothing",
    "a: *b\n",
    "1:4 `*b` is an alias, and there is no anchor `&b` before it",
    'a: "*b"\n',
  ],
  ["an at sign", "a: @b\n", "1:4 a text without quotes cannot start with `@`", 'a: "@b"\n'],
  ["a backtick", "a: [`b`]\n", "1:5 a text without quotes cannot start with ``", 'a: ["`b`"]\n'],
  ["a duplicate key", "a: 1\nb: 2\na: 3\n", "3:1 the key `a` is set twice", "b: 2\na: 3\n"],
];

describe("one mistake is one finding, and its help fixes it", () => {
  test.each(typing)("%s", (_, text, finding, fixed) => {
    expect(findings(text).map((one) => one.replace("with ```", "with ``"))).toEqual([finding]);
    expect(helps(text)).not.toContain(undefined);
    expect(findings(fixed)).toEqual([]);
  });

  test("two mistakes of which neither causes the other are two findings", () => {
    expect(findings("a: *\nb: @c\n")).toHaveLength(2);
    expect(findings("a: 1\na: 2\nb: 0x1F\n")).toHaveLength(2);
  });

  test("line ends and a byte order mark change nothing", () => {
    expect(jsonIn("\uFEFFa:\r\n  - b\r\n  - c d\r\n")).toBe('{"a":["b","c d"]}');
    expect(findings("\uFEFFa:\r\n  - *\r\n")).toEqual(["2:5 `*` starts an alias in YAML"]);
  });
});

describe("what would take long or go deep is refused", () => {
  test.each([
    [
      "an alias bomb",
      `a: &a [${"x,".repeat(50)}]\nb: &b [${"*a,".repeat(50)}]\nc: [${"*b,".repeat(50)}]\n`,
      "the file has more than 20000 values",
    ],
    ["an alias in itself", "a: &a [*a]\n", "the YAML is nested too deeply"],
    ["200 levels", `a: ${"[".repeat(200)}${"]".repeat(200)}\n`, "the YAML is nested too deeply"],
    ["many levels in a block", `${"- ".repeat(50_000)}x\n`, "the YAML is nested too deeply"],
    ["many keys of maps", `${"? ".repeat(50_000)}x\n`, "the YAML is nested too deeply"],
    ["20,000 levels", `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`, "the YAML is nested too deeply"],
    ["300,000 characters", `a: ${"b".repeat(300_000)}\n`, "the file has more than 256000 characters"],
  ])("%s", (_, text, message) => {
    expect(parseYaml(text, "f.yaml").diagnostics.map((one) => one.message)).toEqual([message]);
  });

  test.each([
    ["100,000 lines", "a\n".repeat(100_000)],
    ["20,000 brackets", "]\n".repeat(20_000)],
    ["20,000 open brackets", "a: [b\n".repeat(20_000)],
    ["20,000 directives", "%a\n".repeat(20_000)],
    ["20,000 tags", "!a\n".repeat(20_000)],
    ["20,000 tabs", "\t\n".repeat(19_000) + "\ta: b\n"],
    ["an open quote before 19,000 lines", `a: "\n${"b\n".repeat(19_000)}`],
    ["200,000 backslashes", `a: ["${"\\".repeat(200_001)}`],
  ])("%s are refused or read in a moment", (_, text) => {
    const start = performance.now();
    expect(parseYaml(text, "f.yaml").diagnostics.length).toBeLessThanOrEqual(20);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

test("of many errors the first are read, and the rest of the text costs nothing", () => {
  // Each file took a second, and 300 MB.
  for (let count = 0; count < 20; count += 1) expect(findings("]".repeat(149_000))).toHaveLength(1);
});

test("one correction removes all bidirectional characters of a file", () => {
  const { diagnostics } = parseYaml(`# ${"\u202e".repeat(500)}\na: b\n`, "f.yaml");
  expect(diagnostics.map(({ message, fix }) => [message, fix?.edits.length])).toEqual([
    [
      "the bidirectional character U+202E makes the line look different from what it says, and 499 more are in the file",
      500,
    ],
  ]);
});
