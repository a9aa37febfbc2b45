/** A world of which everything is known, with the lines that OSS would log of it. */

import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { logLine, logOwner as owner, slsLine } from "../support/log-lines.ts";

export const bucket = { name: "data", owner };
export const foreignAccount = "1899000000000001";
export const readers = `arn:sts::${owner}:assumed-role/reader`;
const [etl, audit, partner] = ["202147604049350001", "202147604049350002", "208888888888888888"];

const allow = (more: object) => ({
  Effect: "Allow",
  Principal: [etl],
  Resource: ["acs:oss:*:*:data/*"],
  ...more,
});
const everyone = [etl, audit, partner, `${readers}/*`];

/** The live policy, and the one that is planned: each kind of effect occurs between them. */
export const [liveText, wantedText] = [
  [
    allow({ Action: ["oss:GetObject", "oss:PutObject", "oss:DeleteObject"] }),
    allow({
      Principal: everyone,
      Action: ["oss:GetObject", "oss:ListObjects"],
      Resource: ["acs:oss:*:*:data", "acs:oss:*:*:data/*"],
    }),
    allow({
      Principal: ["*"],
      Action: ["oss:ListObjects", "oss:GetObject"],
      Resource: ["acs:oss:*:*:data", "acs:oss:*:*:data/open/*"],
    }),
  ],
  [
    allow({ Action: ["oss:GetObject", "oss:PutObject"] }),
    allow({ Action: ["oss:DeleteObject"], Resource: ["acs:oss:*:*:data/tmp/*"] }),
    allow({ Principal: [audit], Action: ["oss:PutObject"] }),
    allow({
      Principal: [etl, audit, `${readers}/a*`],
      Action: ["oss:GetObject", "oss:ListObjects"],
      Resource: ["acs:oss:*:*:data", "acs:oss:*:*:data/*"],
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } },
    }),
    allow({ Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/open/*"] }),
    {
      ...allow({ Principal: ["*"], Action: ["oss:*"] }),
      Effect: "Deny",
      Condition: { Bool: { "acs:SecureTransport": ["false"] } },
    },
    {
      ...allow({ Principal: [etl, audit], Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:data/raw/*"] }),
      Effect: "Deny",
      Condition: { NotIpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } },
    },
  ],
].map((statements) => JSON.stringify({ Version: "1", Statement: statements })) as [string, string];

const policyIn = (text: string) => canonicalPolicy(JSON.parse(text) as JsonObject);
export const [live, wanted] = [policyIn(liveText), policyIn(wantedText)];

/** Who makes a request, as both logs name them. A file has the id of a role only, and no account. */
interface TrueCaller {
  readonly principal: string;
  /** Caller that a report counts it by, in rows of SLS and in files. */
  readonly counted: { readonly sls: string; readonly file: string };
  readonly account: string | undefined;
  readonly requester: string;
  readonly information: string;
  readonly accessId: string;
}

const user = (uid: string, account: string): TrueCaller => ({
  principal: uid,
  counted: { sls: uid, file: uid },
  account,
  requester: uid,
  information: `${account},,,,`,
  accessId: `LTAI5t${uid.slice(-8)}`,
});
const session = (role: string, id: string, name: string): TrueCaller => ({
  principal: `arn:sts::${owner}:assumed-role/${role}/${name}`,
  counted: { sls: `arn:sts::${owner}:assumed-role/${role}/*`, file: `role:${id}` },
  account: owner,
  requester: id,
  information: `${owner},${role},${name},${owner}`,
  accessId: "STS.NTx1",
});
const callers: readonly TrueCaller[] = [
  { ...user(owner, owner), principal: "owner", counted: { sls: "owner", file: "owner" } },
  {
    ...user("-", "-"),
    principal: "anonymous",
    counted: { sls: "anonymous", file: "anonymous" },
    account: undefined,
    information: "-",
    accessId: "-",
  },
  user(etl, owner),
  user(audit, owner),
  user("202147604049350003", owner),
  user(partner, foreignAccount),
  session("reader", "300024016803281053", "alice"),
  session("reader", "300024016803281053", "bob"),
  session("writer", "300024016803281054", "alice"),
];

const operations = [
  { method: "GET", query: "", name: "GetObject", action: "oss:GetObject" },
  { method: "HEAD", query: "", name: "HeadObject", action: "oss:GetObject" },
  { method: "PUT", query: "", name: "PutObject", action: "oss:PutObject" },
  {
    method: "POST",
    query: "?uploadId=0004B9895DBBB6EC98E36",
    name: "CompleteUploadPart",
    action: "oss:PutObject",
  },
  { method: "DELETE", query: "", name: "DeleteObject", action: "oss:DeleteObject" },
  { method: "GET", query: "?prefix=raw%2F", name: "GetBucket", action: "oss:ListObjects" },
  { method: "POST", query: "?delete", name: "DeleteObjects", action: "oss:DeleteObject" },
] as const;
const places = ["raw/2026/", "raw/日志/", "open/", "tmp/", ""];
const vpcs = ["-", "-", "vpc-1", "vpc-2", "vpc-3"];
const addresses = ["10.1.0.7", "10.200.3.4", "203.0.113.7", "172.16.0.9"];

/** A request as it really was. */
export interface TrueRequest {
  readonly source: "sls" | "file";
  readonly caller: TrueCaller;
  readonly action: string;
  /** Undefined if the log does not have it. */
  readonly key: string | undefined;
  readonly ip: string;
  /** Undefined from the Internet. */
  readonly vpc: string | undefined;
  readonly isTls: boolean;
  readonly timeMs: number;
}

/** What a log has of one moment: lines, with the requests that they are, or the reason why they are none. */
export interface Logged {
  readonly lines: readonly string[];
  readonly requests: readonly TrueRequest[];
  readonly skipped?: string;
}

/** Generates a log without end, the same for every seed. */
export function* knownWorld(seed: number): Generator<Logged> {
  const below = randomFrom(seed);
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  for (let at = 0; ; at += 1) {
    const isFile = below(8) === 0;
    const operation = one(operations);
    const isListing = operation.name === "GetBucket";
    const request: TrueRequest = {
      source: isFile ? "file" : "sls",
      caller: one(callers),
      action: operation.action,
      key: isListing ? "" : `${one(places)}part ${below(100_000)}.csv`,
      ip: one(addresses),
      vpc: ((vpc) => (vpc === "-" ? undefined : vpc))(one(vpcs)),
      isTls: below(5) > 0,
      // Nearly in order, as logs are.
      timeMs: 1_795_000_000_000 + (Math.floor(at / 50) - below(5)) * 1_000,
    };
    yield below(20) === 0 ? skippedLine(request, operation, one) : logged(request, operation, below);
  }
}

type Operation = (typeof operations)[number];

function logged(request: TrueRequest, operation: Operation, below: (most: number) => number): Logged {
  if (operation.name !== "DeleteObjects") return { lines: [lineOf(request, operation)], requests: [request] };
  if (request.source === "file") {
    const open = { ...request, key: undefined };
    return { lines: [lineOf(open, operation)], requests: [open] };
  }
  const id = { request_id: `B${request.timeMs}${below(2 ** 31)}${below(2 ** 31)}` };
  const requests = Array.from({ length: 1 + below(3) }, (_, at) => ({
    ...request,
    key: `${request.key ?? ""}${at}`,
  }));
  const keys = requests.map((each) =>
    slsOf(each, operation, { ...id, __topic__: "oss_batch_delete_log", http_status: "-", request_uri: "-" }),
  );
  const head = slsOf({ ...request, key: "" }, operation, id);
  return { lines: below(2) === 0 ? [head, ...keys] : [...keys, head], requests };
}

function skippedLine(request: TrueRequest, operation: Operation, one: <T>(all: readonly T[]) => T): Logged {
  const isDelete = operation.name === "DeleteObjects";
  const [of, by] = isDelete ? [{ ...request, key: "a" }, operations[0]] : [request, operation];
  const [skipped, fields] = one([
    ["failed", { http_status: "404", status: "404" }],
    ["other bucket", { bucket: "elsewhere" }],
    ["lifecycle", { sync_request: "lifecycle", syncRequest: "lifecycle" }],
    ["broken line", { http_status: "-", status: "-" }],
  ] as const);
  return { lines: [lineOf(of, by, fields)], requests: [], skipped };
}

function lineOf(request: TrueRequest, operation: Operation, more: object = {}): string {
  return request.source === "sls" ? slsOf(request, operation, more) : fileOf(request, operation, more);
}

function slsOf(
  { caller, key = "", ip, vpc, isTls, timeMs }: TrueRequest,
  operation: Operation,
  more: object,
): string {
  const encoded = encodeURIComponent(key);
  return slsLine({
    __time__: String(timeMs / 1_000),
    client_ip: ip,
    http_method: operation.method,
    request_uri: `/${encoded.replaceAll("%2F", "/")}${operation.query}`,
    requester_id: caller.requester,
    extend_information: caller.information,
    operation: operation.name,
    object: key === "" ? "-" : encoded,
    access_id: caller.accessId,
    http_type: isTls ? "https" : "http",
    vpc_id: vpc ?? "-",
    ...more,
  });
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function fileOf({ caller, key = "", ip, timeMs }: TrueRequest, operation: Operation, more: object): string {
  const time = new Date(timeMs + 8 * 3_600_000).toISOString();
  return logLine({
    ip,
    time: `${time.slice(8, 10)}/${months[Number(time.slice(5, 7)) - 1] ?? ""}/${time.slice(0, 4)}:${time.slice(11, 19)} +0800`,
    method: operation.method,
    target: `/${encodeURI(key)}${operation.query}`,
    requester: caller.requester,
    operation: operation.name,
    object: key === "" ? "-" : encodeURIComponent(key),
    accessId: caller.accessId,
    ...more,
  });
}

/** Returns a generator of whole numbers below a maximum: a linear congruence. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
