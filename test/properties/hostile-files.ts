const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i));

/** A bucket file whose one statement has these lines more. */
function statement(...lines: readonly string[]): string {
  const start = ["bucket: one", "policy:", '  Version: "1"', "  Statement:", "    - Effect: Allow"];
  return [...start, ...lines.map((line) => `      ${line}`), ""].join("\n");
}

function bomb(levels: number, list: (alias: string) => string): string {
  return ["l0: &l0 [x]", ...times(levels, (i) => `l${i + 1}: &l${i + 1} ${list(`*l${i}`)}`)].join("\n");
}

const head = 'bucket: one\npolicy:\n  Version: "1"\n  Statement:\n';
const plain = '{ Effect: Allow, Principal: ["1"], Action: "oss:GetObject", Resource: "acs:oss:*:*:one/*" }';

/** Files made to make `validate` throw, hang or run long; each has an error, by its name. */
export const hostileFiles: Readonly<Record<string, string>> = {
  "an alias bomb of lists": bomb(12, (alias) => `[${`${alias}, `.repeat(9)}]`),
  "an alias bomb of maps": bomb(12, (alias) => `{ ${times(9, (i) => `k${i}: ${alias}`).join(", ")} }`),
  "an alias bomb of twos": bomb(60, (alias) => `[${alias}, ${alias}]`),
  "a long chain of aliases": bomb(3_000, (alias) => `[${alias}]`),
  "an alias that holds itself": "bucket: &a [*a]\n",
  "one anchor, 90,000 aliases": `x: &a y\nz: [${"*a, ".repeat(90_000)}]\n`,
  "20,000 anchors, each with its alias": times(20_000, (i) => `- &a${i} x\n- *a${i}`).join("\n"),
  "10,000 statements by alias": `${head}    - &s ${plain}\n${"    - *s\n".repeat(10_000)}`,
  "a flow list 10,000 deep": "[".repeat(10_000) + "]".repeat(10_000),
  "a flow list 10,000 deep, left open": "[".repeat(10_000),
  "a flow map 10,000 deep": "{a: ".repeat(10_000) + "}".repeat(10_000),
  "200,000 closing brackets": "}".repeat(200_000),
  "a flow list 200,000 deep": "[".repeat(200_000),
  "a flow list of 200,000 commas": `[${",".repeat(200_000)}]`,
  "a block list 10,000 deep": `${"- ".repeat(10_000)}x`,
  "a block map 1,300 deep": times(1_300, (i) => `${" ".repeat(i)}a:`).join("\n"),
  "a Condition 500 deep": statement(`Condition: ${"{a: ".repeat(500)}1${"}".repeat(500)}`),
  "100,000 keys": times(100_000, (i) => `k${i}: 1`).join("\n"),
  "100,000 keys in flow style": `{${times(100_000, (i) => `k${i}`).join(",")}}`,
  "45,000 keys in a statement": statement(...times(45_000, (i) => `k${i}: 1`)),
  "45,000 variables": `vars:\n${times(45_000, (i) => `  k${i}: a\n`).join("")}${head}    - ${plain}\n`,
  "one key 60,000 times": "a: 1\n".repeat(60_000),
  "a merge key 50,000 times": "<<: *a\n".repeat(50_000),
  "a string of 900 KB": statement(`Resource: "${"a".repeat(900_000)}"`),
  "a pattern of 900 KB": statement(`Resource: "${"*a".repeat(450_000)}"`),
  "a resource pattern of 900 KB": statement(`Resource: "acs:oss:*:*:one/${"*a".repeat(449_000)}"`),
  "two patterns of 400 KB": statement(
    `Resource: ["acs:oss:*:*:one/${"*a".repeat(200_000)}b", "acs:oss:*:*:one/${"a*".repeat(200_000)}"]`,
  ),
  "an action of 400 KB": statement(`Action: "oss:${"a".repeat(400_000)}"`),
  "an action pattern of 900 KB": statement(`Action: "oss:${"*a".repeat(449_000)}"`),
  "a principal of 800 KB": statement(`Principal: "arn:sts::1:assumed-role/${"r/".repeat(400_000)}"`),
  "values against a pattern, both of 200 KB": statement(
    `Condition: { StringLike: { "acs:SourceVpc": "${"*a".repeat(100_000)}b" }, StringEquals: { "acs:SourceVpc": "${"a".repeat(200_000)}" } }`,
  ),
  "5,000 patterns against 5,000": statement(
    `Condition: { StringLike: { "acs:SourceVpc": [${times(5_000, (i) => `"a${i}*b"`).join()}] }, StringNotLike: { "acs:SourceVpc": [${times(5_000, (i) => `"c${i}*d"`).join()}] } }`,
  ),
  "8,000 ranges against 8,000": statement(
    `Condition: { IpAddress: { "acs:SourceIp": [${times(8_000, (i) => `"10.${i >> 8}.${i & 255}.0/24"`).join()}] }, NotIpAddress: { "acs:SourceIp": [${times(8_000, (i) => `"11.${i >> 8}.${i & 255}.0/25"`).join()}] } }`,
  ),
  "a range of 100 KB": statement(`Condition: { IpAddress: { "acs:SourceIp": "${"1".repeat(100_000)}/8" } }`),
  "a range of 100 KB of colons": statement(
    `Condition: { IpAddress: { "acs:SourceIp": "${":1".repeat(50_000)}/8" } }`,
  ),
  "an operator of 400 KB": statement(`Condition: { ? "${"StringEqual".repeat(36_000)}" : { a: b } }`),
  "a number of 800 KB": statement(`Condition: { NumericEquals: { a: ${"8".repeat(800_000)} } }`),
  "5,000 statements": head + times(5_000, (i) => `    - ${plain.replace('"1"', `"${i}"`)}\n`).join(""),
  "5,000 equal statements": head + `    - ${plain}\n`.repeat(5_000),
  "5,000 Denys": `${head}${times(5_000, (i) => `    - ${plain.replace("Allow", "Deny").replace("one/*", `one/${i}*`)}\n`).join("")}`,
  "90,000 empty statements": head + "    - {}\n".repeat(90_000),
  "90,000 numbers for statements": head + "    - 1\n".repeat(90_000),
  "40,000 unknown actions": statement(`Action: [${times(40_000, (i) => `oss:GetObjectX${i}`).join()}]`),
  "40,000 action patterns": statement(`Action: [${times(40_000, (i) => `"oss:*G${i}*"`).join()}]`),
  "20,000 resources of another bucket": statement(
    `Resource: [${times(20_000, (i) => `"acs:oss:*:1:two/x${i}*"`).join()}]`,
  ),
  "20,000 unknown variables, 20,000 known": `vars:\n${times(20_000, (i) => `  k${i}: a\n`).join("")}${statement(
    "Resource:",
    ...times(20_000, () => '  - "${x}"'),
  )}`,
  "200,000 unknown variables in one string": statement(`Resource: "${"${x}".repeat(200_000)}"`),
  "400,000 variables that nothing ends": statement(`Resource: "${"${".repeat(400_000)}"`),
  "a variable of 400 KB, 1,000 times": `vars: { v: "${"x".repeat(400_000)}" }\n${statement(`Resource: "${"${v}".repeat(1_000)}"`)}`,
  "a list of 40,000, 40,000 times": `vars: { v: [${"x,".repeat(40_000)}] }\n${statement(`Resource: [${'"${v}",'.repeat(40_000)}]`)}`,
  "35,000 ignore comments":
    "# oss-policy-ignore version: why\n".repeat(30_000) + statement("Action: oss:GetObject"),
  "45,000 ignore comments without a reason": "# oss-policy-ignore\n".repeat(45_000) + statement("Action: a"),
  "an ignore comment of 900 KB": `# oss-policy-ignore a: ${"b  ".repeat(300_000)}\n${statement("Action: a")}`,
  "1,000 buckets with 1,000 statements": `buckets: [${times(1_000, (i) => `b-${i}`).join()}]\n${head.replace("bucket: one\n", "")}${`    - ${plain}\n`.repeat(1_000)}`,
  "20,000 buckets": `buckets: [${times(20_000, (i) => `b-${i}`).join()}]\n${statement("Action: oss:GetObject").replace("bucket: one\n", "")}`,
  "50,000 unknown sets": `bucket: one\nuse: [${times(50_000, (i) => `s${i}`).join()}]\n`,
  "900,000 quotes": '"'.repeat(900_000),
  "300,000 closing brackets": "]".repeat(300_000),
  "300,000 anchors": "&a ".repeat(300_000),
  "300,000 tags": "!a ".repeat(300_000),
  "300,000 question marks": "?\n".repeat(300_000),
  "300,000 commas": `[${",".repeat(300_000)}]`,
  "300,000 dashes": "-\n".repeat(300_000),
  "900,000 empty lines": "\n".repeat(900_000),
  "900,000 tabs": "\t".repeat(900_000),
  "900,000 NULs": "\0".repeat(900_000),
  "200,000 documents": "---\n".repeat(200_000),
  "800,000 bidirectional marks": statement(`Resource: "${"\u202e".repeat(800_000)}"`),
  "800,000 letters of two scripts": statement(`Resource: "${"a\u0430".repeat(400_000)}"`),
};
