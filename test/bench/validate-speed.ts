import { bucketName } from "./bucket-tree.ts";
import { cli, medians, timedProcess, withFiles, type Row } from "./measure.ts";

const count = 10_000;
const rounds = 5;

const uid = "1746495857600001";

/** Block style, a comment, two or three statements: what `import` writes and people edit. About 30 lines. */
export function bucketFile(index: number): string {
  const bucket = bucketName(index);
  const arn = `acs:oss:*:${uid}:${bucket}`;
  const user = `2021476040493${String(index).padStart(5, "0")}`;
  return `# Team ${index % 97} owns this bucket; the ticket is OPS-${index}.
bucket: ${bucket}
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal:
        - "${user}"
        - "arn:sts::${uid}:assumed-role/team-${index % 97}/*"
      Action:
        - oss:GetObject
        - oss:ListObjects
      Resource:
        - ${arn}
        - ${arn}/*
      Condition:
        StringEquals:
          acs:SourceVpc:
            - vpc-bp1team${String(index % 97).padStart(4, "0")}
    # Nobody speaks to this bucket in the clear.
    - Effect: Deny
      Principal:
        - "*"
      Action:
        - oss:*
      Resource:
        - ${arn}
        - ${arn}/*
      Condition:
        Bool:
          acs:SecureTransport:
            - "false"
${index % 2 === 0 ? "" : writers(arn, user)}`;
}

function writers(arn: string, user: string): string {
  return `    - Effect: Allow
      Principal: ["${user}"]
      Action: ["oss:PutObject"]
      Resource: ["${arn}/incoming/*"]
`;
}

function files(): Readonly<Record<string, string>> {
  const buckets = Array.from({ length: count }, (_, index) => [
    `folder-${String(index % 100).padStart(2, "0")}/${bucketName(index)}.yaml`,
    bucketFile(index),
  ]);
  return {
    "account.yaml": `account: "${uid}"\nregion: cn-hangzhou\n`,
    ...(Object.fromEntries(buckets) as Record<string, string>),
  };
}

/** Reads the same files, gives each to the YAML parser as yaml.ts does, and prints what the parser alone took. */
const parserAlone = `
  import { readdirSync, readFileSync } from "node:fs";
  import { join } from "node:path";
  import { LineCounter, parseDocument } from ${JSON.stringify(import.meta.resolve("yaml"))};
  const folder = process.argv[1];
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".yaml"));
  const texts = paths.map((path) => readFileSync(join(folder, path), "utf8"));
  const start = performance.now();
  for (const text of texts) {
    parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false, stringKeys: true });
  }
  console.log(performance.now() - start);
`;

/** The whole of `validate` against the YAML parser, without which no tool can read these files. */
export async function validateSpeed(): Promise<readonly Row[]> {
  const texts = files();
  const lines = Object.values(texts).reduce((sum, text) => sum + text.split("\n").length - 1, 0);
  return withFiles(texts, async (folder) => {
    const validate = async () => {
      const { ms, text } = await timedProcess([cli, "validate", "--policies", folder]);
      if (!text.includes(`${count} buckets, 0 errors`)) throw new Error(text.slice(-2_000));
      return ms;
    };
    const parser = async () => {
      const { text } = await timedProcess(["--input-type=module", "-e", parserAlone, folder]);
      return Number(text);
    };
    const [parse = 0, whole = 0] = await medians([parser, validate], rounds);
    return [
      {
        work: `validate, ${count.toLocaleString("en")} files, ${lines.toLocaleString("en")} lines`,
        yardstick: `the YAML parser alone, ${(parse / 1_000).toFixed(2)} s`,
        figure: `${(whole / parse).toFixed(2)} times`,
        wanted: "at most 1.3",
      },
    ];
  });
}
