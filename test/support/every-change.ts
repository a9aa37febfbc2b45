import { environmentOf, writeTree } from "./run-cli.ts";
import { sandboxWith } from "./store.ts";

const team = "202147604049350001";

interface StatementWords {
  readonly effect?: "Allow" | "Deny";
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly more?: string;
}

function statement({ effect = "Allow", principal, action, resource, more = "" }: StatementWords): string {
  return `{"Effect":"${effect}","Principal":["${principal}"],"Action":["${action}"],"Resource":["${resource}"]${more}}`;
}

export function policy(...statements: readonly string[]): string {
  return `{"Version":"1","Statement":[${statements.join(",")}]}`;
}

export const reads = (bucket: string, key = "*") =>
  statement({ principal: team, action: "oss:GetObject", resource: `acs:oss:*:*:${bucket}/${key}` });
const open = (bucket: string, key: string) =>
  statement({ principal: "*", action: "oss:GetObject", resource: `acs:oss:*:*:${bucket}/${key}` });
const noPut = (bucket: string) =>
  statement({
    effect: "Deny",
    principal: team,
    action: "oss:PutObject",
    resource: `acs:oss:*:*:${bucket}/*`,
  });

const file = (bucket: string, wanted: string, more = "") => `bucket: ${bucket}\npolicy: ${wanted}\n${more}`;
const accept = (hazard: string, reason: string) =>
  `accept:\n  - { hazard: ${hazard}, reason: ${JSON.stringify(reason)} }\n`;

/** One bucket for each thing that a plan can have to say. */
export const everyTree = {
  "account.yaml": `account: "1746495857600001"
limits: { change: { percent: 100 }, delete: { percent: 100 } }
region: cn-hangzhou
scope: all
guardrails:
  - name: "nobody deletes, @everyone: see #1"
    Principal: ["*"]
    Action: ["oss:DeleteObject"]
    Resource: ["*"]
`,
  "accepted.yaml": file(
    "accepted",
    policy(open("accepted", "web/*")),
    accept("grants-public-access", "web assets, see owner/repo#1 <b>`ok`</b>"),
  ),
  "broken.yaml": file("broken", policy(reads("broken").replace("GetObject", "DeleteObject"))),
  "closed.yaml": file("closed", policy(reads("closed"))),
  "deleted.yaml": file("deleted", "none"),
  "depends.yaml": file("depends", policy(reads("depends").replace("acs:oss:*", "acs:oss:cn-hangzhou"))),
  "guarded.yaml": file("guarded", policy(reads("guarded"), noPut("guarded"))),
  "hostile.yaml": file("hostile", policy(reads("hostile", "::error::%0A @everyone #1 [x](//y) `|` <img>/*"))),
  "odd.yaml": file("odd", policy(reads("odd").replace('{"Effect"', '{"NotAction":"x","Effect"'))),
  "opened.yaml": file("opened", policy(reads("opened"), open("opened", "*"))),
  "rewritten.yaml": file("rewritten", policy(reads("rewritten"))),
  "same.yaml": file("same", policy(reads("same"))),
  "unblocked.yaml": file("unblocked", policy(reads("unblocked"))),
};

/** The tree, and a server with what it is compared with. */
export async function everyWorld() {
  const at = (name: string, live?: string) => ({
    name,
    region: "cn-hangzhou",
    ...(live === undefined ? {} : { policy: live }),
  });
  const sandbox = await sandboxWith({
    buckets: [
      ...["accepted", "broken", "closed", "depends", "hostile", "odd"].map((name) => at(name)),
      at("deleted", policy(reads("deleted"))),
      at("guarded", policy(reads("guarded"))),
      at("opened", policy(reads("opened"))),
      at("rewritten", policy(reads("rewritten"), reads("rewritten", "logs/*"))),
      at("same", policy(reads("same"))),
      at("stranger", policy(reads("stranger"))),
      at("unblocked", policy(reads("unblocked"), noPut("unblocked"))),
    ],
  });
  sandbox.addFault({
    bucket: "closed",
    effect: {
      kind: "status",
      status: 403,
      code: "AccessDenied",
      message: "ask @octocat at https://x.example",
    },
  });
  return { folder: writeTree(everyTree), env: environmentOf(sandbox) };
}
