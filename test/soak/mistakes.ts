import { parse } from "yaml";
import { oneOf, type Pick } from "./random.ts";

/** One mistake of a person who writes a file by hand, put into a right one; undefined where it does not fit. */
export type Mistake = (text: string, pick: Pick) => string | undefined;

/** Changes one of the lines that match. */
function inLine(pattern: RegExp, change: (line: string) => string): Mistake {
  return (text, pick) => {
    const lines = text.split("\n");
    const candidates = lines.flatMap((line, index) =>
      pattern.test(line) && !/^\s*#/.test(line) ? [index] : [],
    );
    const index = oneOf(candidates, pick);
    if (index === undefined) return undefined;
    const line = lines[index] ?? "";
    const changed = change(line);
    return changed === line ? undefined : lines.with(index, changed).join("\n");
  };
}

/** Changes the first match in a line, and drops the rest of the line's matches from view. */
function replacing(pattern: RegExp, by: string): Mistake {
  return inLine(pattern, (line) => line.replace(pattern, by));
}

/** The policy as JSON, as it is copied from a console or from `ossutil`. */
function pasted(layout: (json: string) => string): Mistake {
  return (text) => {
    const match = /^policy:\n(?: .*\n|\s*#.*\n|\n)+/m.exec(text);
    if (match === null) return undefined;
    const { policy } = parse(match[0], { stringKeys: true }) as { policy: unknown };
    return text.replace(match[0], () => `policy:${layout(JSON.stringify(policy, undefined, 2))}\n`);
  };
}

const indented = (json: string) => ` ${json.replaceAll("\n", "\n  ").replace(/ {2}\}$/, "  }")}`;
const policyField = /^(\s+(?:- )?)(Effect|Action|Resource|Principal)(: )/;
const quotedMember = /"[^"$]+"(?=[\],])/;

export const mistakes: Readonly<Record<string, Mistake>> = {
  "a tab for the indentation of a line": inLine(/^ +\S/, (line) => line.replace(/^ +/, "\t")),
  "tabs for the indentation of all lines": (text) =>
    text.replaceAll(/^(?: {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2)),
  "no colon": inLine(policyField, (line) => line.replace(": ", " ")),
  "no colon at the top": replacing(/^(bucket|region): /, "$1 "),
  "no space behind the colon": inLine(policyField, (line) => line.replace(": ", ":")),
  "no space behind the colon at the top": replacing(/^(bucket|region): /, "$1:"),
  "a line indented by one more": inLine(/^ +\S/, (line) => ` ${line}`),
  "a line indented by one less": inLine(/^ +\S/, (line) => line.slice(1)),
  "a duplicate key": inLine(/^\s+(Effect|Action|Version): \S/, (line) => `${line}\n${line}`),
  "no closing quote": replacing(/^([^"]*"[^"]+)"/, "$1"),
  "no opening quote": replacing(/^([^"]*)"([^"]+")/, "$1$2"),
  "no closing bracket": replacing(/\](?=\s*$)/, ""),
  "no opening bracket": replacing(/(: )\[/, "$1"),
  "an extra closing bracket": replacing(/\]$/, "]]"),
  "no comma in a list": replacing(/", "/, '" "'),
  "a second colon": replacing(/^(\s+(?:- )?Effect: \w+)$/, "$1: x"),
  "a bad escape": replacing(/"([^"]+)"(?=[\],])/, '"\\d$1"'),
  "a star without quotes": replacing(quotedMember, "*"),
  "an ampersand without quotes": replacing(quotedMember, "&web"),
  "an at sign without quotes": replacing(quotedMember, "@web"),
  "a backtick without quotes": replacing(quotedMember, "`web`"),
  "a percent sign without quotes": replacing(quotedMember, "%web"),
  "a tag without quotes": replacing(quotedMember, "!web"),
  "no space behind a dash": replacing(/^(\s+)- (\S)/, "$1-$2"),
  "no dash": replacing(/^(\s+)- (?=acs:|oss:|")/, "$1"),
  "a variable without quotes in brackets": inLine(/\["acs:[^"]*[0-9]{16}/, (line) =>
    line.replace(/"([^"]*)[0-9]{16}([^"]*)"/, "$1${account}$2"),
  ),
  "variables without quotes in brackets": (text) =>
    /\["acs:[^"]*[0-9]{16}/.test(text)
      ? text.replaceAll(/\["(acs:[^"]*)[0-9]{16}([^"]*)"/g, "[$1${account}$2")
      : undefined,
  "an unknown variable": replacing(quotedMember, '"${raeders}"'),
  "an unknown variable in a text": inLine(/acs:oss:/, (line) => line.replace(/[0-9]{16}/, "${acount}")),
  "a variable that does not end": inLine(/"acs:oss:/, (line) => line.replace(/[0-9]{16}/, "${account")),
  "JSON at the margin": pasted((json) => `\n${json}`),
  "JSON at the margin, in tabs": pasted((json) => `\n${json.replaceAll(/^(?: {2})+/gm, "\t")}`),
  "JSON in tabs": pasted((json) => ` ${json.replaceAll(/^ +/gm, "\t")}`),
  "JSON twice": pasted((json) => `${indented(json)}\n${json}`),
  "JSON twice, indented": pasted((json) => `${indented(json)}${indented(json)}`),
  "JSON with a comment": pasted((json) =>
    indented(json).replace('"Version"', '// the policy\n    "Version"'),
  ),
  "JSON with a block comment": pasted((json) =>
    indented(json).replace('"Statement"', '/* who */ "Statement"'),
  ),
  "JSON with a comment behind a value": pasted((json) => indented(json).replace("[\n", "[ // statements\n")),
  "JSON in typographic quotes": pasted((json) => indented(json).replaceAll(/"([^"]*)"/g, "“$1”")),
  "JSON without its last brace": pasted((json) => indented(json).replace(/\s*\}$/, "")),
  "JSON without a comma": pasted((json) => indented(json).replace(",\n", "\n")),
  "JSON in a Statement at the margin": (text) =>
    text.includes("  Statement:\n")
      ? text.replace(/ {2}Statement:\n[^]*$/, '  Statement:\n[\n  {"Effect": "Allow"}\n]\n')
      : undefined,
  "typographic quotes in a line": inLine(/"[^"]+"/, (line) => line.replaceAll(/"([^"]*)"/g, "“$1”")),
  "a bare policy for a file": (text) => {
    const match = /^policy:\n((?: .*\n)+)/m.exec(text);
    return match?.[1]?.replaceAll(/^ {2}/gm, "");
  },
  "a policy that is not indented": (text) =>
    text.replace(
      /^policy:\n((?: .*\n)+)/m,
      (_, body: string) => `policy:\n${body.replaceAll(/^ {2}/gm, "")}`,
    ),
  "a directive": (text) => `%YAML 1.1\n---\n${text}`,
  "a control character": replacing(/acs:oss/, "acs:\u0007oss"),
  "a second document": (text) => `${text}---\nbucket: other\n`,
  "a merge key": inLine(/^\s+Effect: /, (line) => `${line}\n${/^\s*/.exec(line)?.[0] ?? ""}<<: *base`),
  "an alias of nothing": replacing(quotedMember, "*web"),
  "a number that JSON does not have": replacing(quotedMember, "0x1F"),
  "a UID without quotes": replacing(/"([0-9]{16,18})"/, "$1"),
  "a misspelt key": replacing(/^policy:/, "polcy:"),
  "a misspelt name of the bucket": replacing(/^bucket:/, "buckt:"),
  "a misspelt field": replacing(/^(\s+)Resource:/, "$1Resourse:"),
  "a misspelt Effect": replacing(/Effect: Allow/, "Effect: Alow"),
  "a misspelt action": replacing(/oss:GetObject\b/, "oss:GetObjct"),
  "a misspelt operator": replacing(/StringEquals:/, "StringEqual:"),
  "no Effect": replacing(/Effect: \w+/, "Effect:"),
  "a missing value": replacing(/^(\s+(?:- )?(?:Action|Resource|Principal):) .*$/, "$1"),
  "a missing line": inLine(/^\s+(Action|Resource|Condition|Version): \S/, () => "\n"),
  "a block of text": inLine(/^\s+(Action|Resource): \[?"?[^\s",]+"?\]?$/, (line) =>
    line.replace(/^(\s+)(\w+): \[?"?([^\s"\]]+)"?\]?$/, "$1$2: >\n$1  $3"),
  ),
  "a list joined with the sign of a list": inLine(/: \[.*\]$/, (line) =>
    line.replace(/: \[(.*)\]$/, ": - $1"),
  ),
  "a quote inside of a text": replacing(/"([^"]{3})([^"]+)"(?=[\],])/, '"$1"$2"'),
  "a wrong bucket name": replacing(/^bucket: .*/, "bucket: My_Bucket"),
  "a list for the bucket": replacing(/^bucket: (.*)/, "bucket: [$1]"),
  "a brace that is not closed": replacing(/(: \{.*)\}$/, "$1"),
};
