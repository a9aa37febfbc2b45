import fc from "fast-check";
import { logLine, slsLine, type LoggedFields } from "../support/log-lines.ts";
import { accountFile } from "../support/run-cli.ts";

/** Tree of policy files as people write them, and the access log of its buckets. */
export interface PolicyTree {
  readonly files: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
}

export const treeBuckets = ["data", "left", "right"] as const;
export const owner = "1746495857600001";
const users = ["202147604049350001", "202147604049350002", "202147604049350003"] as const;
const role = `arn:sts::${owner}:assumed-role/ops/*`;

/** Makes choices while a text is written. */
type Dice = <T>(choices: readonly T[]) => T;

/** Even choices: the bias of generated numbers to their bounds would make all trees alike. */
const dice: fc.Arbitrary<Dice> = fc.noBias(fc.nat()).map((seed): Dice => {
  let state = seed;
  return (choices) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const found = choices[((mixed ^ (mixed >>> 14)) >>> 0) % choices.length];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
});

/**
 * Trees with a file of one bucket, a file of two and sometimes a statement set, in any layout: lists in brackets, in lines and
 * as one value, list variables, anchors, comments and line ends. The requests use a part of what the files grant.
 */
export const policyTree: fc.Arbitrary<PolicyTree> = dice.map((choose) => {
  const hasSet = choose([true, false]);
  const end = choose(["\n", "\n", "\n", "\r\n"]);
  const use = hasSet ? "use: [common]\n" : "";
  const files = {
    "account.yaml": `${accountFile}identities: { etl: "${users[0]}" }\nvars: { team: ["${users[0]}", "${users[1]}"] }\n`,
    "data.yaml": bucketFile("bucket: data", use, choose),
    "pair.yaml": bucketFile("buckets: [left, right]", choose([use, ""]), choose),
    ...(hasSet ? { "_sets/common.yaml": `Statement:\n${statementText("  ", choose, new Set())}` } : {}),
  };
  const lines = Array.from({ length: choose([3, 10, 30]) }, () => requestLine(choose));
  const written = Object.entries(files).map(([name, text]) => [name, text.replaceAll("\n", end)]);
  return { files: Object.fromEntries(written) as PolicyTree["files"], lines };
});

function bucketFile(head: string, use: string, choose: Dice): string {
  const anchors = new Set<string>();
  const statements = Array.from({ length: choose([1, 2, 3, 4]) }, (_, at) =>
    choose([true, true, false])
      ? `    # statement ${at}\n${statementText("    ", choose, anchors)}`
      : statementText("    ", choose, anchors),
  );
  const deny = `    - { Effect: Deny, Principal: ["*"], Action: ["oss:PutBucketAcl"], Resource: ["acs:oss:*:*:\${bucket}"] }\n`;
  return `# top
${head}
region: cn-hangzhou # near
${use}policy:
  Version: "1"
  Statement: # ours
${statements.join("")}${choose([deny, ""])}# end
`;
}

const kinds = [
  {
    actions: ["oss:GetObject", "oss:PutObject", "oss:DeleteObject", "oss:Get*", "oss:PutObject*"],
    on: "objects",
  },
  { actions: ["oss:ListObjects", "oss:GetBucketAcl", "oss:List*", "oss:GetBucket*"], on: "bucket" },
  { actions: ["oss:*"], on: "all" },
] as const;
const names = {
  objects: ["${bucket}/*", "${bucket}/raw/*", "${bucket}/tmp/*", "${bucket}/*.csv"],
  bucket: ["${bucket}"],
  all: ["${bucket}", "${bucket}/*", "${bucket}/raw/*"],
} as const;

function statementText(indent: string, choose: Dice, anchors: Set<string>): string {
  const { actions, on } = choose([kinds[0], kinds[0], kinds[1], kinds[2]]);
  const resources = on === "all" ? names.all.slice(0, choose([2, 3])) : several(names[on], choose);
  const fields = [
    [
      "Principal",
      choose([several([...users, role], choose), several([...users, role], choose), ["${team}"]]),
    ],
    ["Action", several(actions, choose)],
    ["Resource", resources.map((name) => `acs:oss:*:*:${name}`)],
  ] as const;
  const condition = choose([
    "",
    "",
    "",
    `${indent}  Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } }\n`,
    `${indent}  Condition:\n${indent}    Bool: { "acs:SecureTransport": ["true"] } # TLS\n`,
  ]);
  const lists = fields.map(([name, words]) => {
    if (name === "Principal" && anchors.has("who") && choose([true, false, false]))
      return `${indent}  ${name}: *who\n`;
    const isAnchor = name === "Principal" && !anchors.has("who") && choose([true, false, false, false]);
    if (isAnchor) anchors.add("who");
    return `${indent}  ${name}: ${isAnchor ? "&who " : ""}${listText(words, `${indent}    `, isAnchor, choose)}\n`;
  });
  return `${indent}- Effect: Allow${choose(["", " # yes"])}\n${lists.join("")}${condition}`;
}

function several<T>(words: readonly T[], choose: Dice): readonly T[] {
  const chosen = words.filter(() => choose([true, false]));
  return chosen.length === 0 ? [choose(words)] : chosen;
}

function listText(words: readonly string[], indent: string, isAnchor: boolean, choose: Dice): string {
  const quoted = words.map((word) => choose([`"${word}"`, `'${word}'`]));
  const [only = ""] = quoted;
  const isList = words.some((word) => word === "${team}");
  return choose([
    `[${quoted.join(", ")}]`,
    `[${quoted.join(", ")}] # in a row`,
    `\n${quoted.map((word) => `${indent}- ${word}${choose(["", " # why"])}`).join("\n")}`,
    `[\n${quoted.map((word) => `${indent}  ${word},`).join("\n")}\n${indent}]`,
    words.length === 1 && !isList && !isAnchor ? only : `[ ${quoted.join(" , ")} ]`,
  ]);
}

/** A request as a line of a file or as a row of SLS, by one of the users, a role, the owner, or an anonymous caller. */
function requestLine(choose: Dice): string {
  const requester = choose([users[0], users[0], users[1], "300024016803281053", owner, "-"]);
  const [method, operation, object] = choose([
    ["GET", "GetObject", "raw/a.csv"],
    ["GET", "GetObject", "raw/b"],
    ["PUT", "PutObject", "tmp/a"],
    ["PUT", "PutObject", "top.csv"],
    ["GET", "GetBucket", "-"],
    ["DELETE", "DeleteObject", "raw/old"],
  ] as const);
  const bucket = choose(treeBuckets);
  const isRole = requester.startsWith("3000");
  const file: LoggedFields = {
    bucket,
    method,
    operation,
    object,
    requester,
    ...(isRole ? { accessId: "STS.NTj3" } : {}),
  };
  if (choose([true, true, false])) return logLine(file);
  return slsLine({
    bucket,
    http_method: method,
    operation,
    request_uri: `/${object === "-" ? "" : object}`,
    object: encodeURIComponent(object),
    host: `${bucket}.oss-cn-hangzhou.aliyuncs.com`,
    requester_id: requester,
    extend_information: isRole ? `${owner},ops,alice,${owner}` : `${owner},,,,`,
    ...(isRole ? { access_id: "STS.NTj3" } : {}),
    http_type: choose(["http", "https"]),
    vpc_id: choose(["-", "vpc-1", "vpc-9"]),
    request_id: choose(["A", "B"]) + String(choose([1, 2, 3])),
  });
}
