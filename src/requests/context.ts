import { isNone, mayCarryHeaders, ownText, type LoggedHeaders, type LogRow } from "./log-row.ts";
import { tagsOf } from "./logged-headers.ts";
import type { SeenOperation } from "./operation.ts";

/** Condition keys of a request, as far as the log has them. */
interface KnownKeys {
  readonly context: ReadonlyMap<string, string>;
  readonly absent: ReadonlySet<string>;
}

/** Contexts that are kept. A log of a public website has as many as it has visitors. */
const maxKnown = 20_000;

/**
 * Longest value that is kept, in characters: longer than any that a policy is likely to test. A longer one counts as unknown, so
 * that no log fills the memory with what its visitors sent.
 */
const maxValue = 1_024;

function isLong(text: string): boolean {
  return text.length > maxValue;
}

/** Cuts a value for a key: those that are too long are all unknown. */
function cut(text: string): string {
  return text.slice(0, maxValue + 1);
}

/** Function from a row to its condition keys. Rows of one client share them. */
export function contexts(): (row: LogRow, operation: SeenOperation, isOnObject: boolean) => KnownKeys {
  const known = new Map<string, KnownKeys>();
  const absentSets = new Map<string, ReadonlySet<string>>();
  const share = (absent: ReadonlySet<string>) => {
    const key = [...absent].join(" ");
    const found = absentSets.get(key);
    if (found === undefined) absentSets.set(key, absent);
    return found ?? absent;
  };
  return (row, operation, isOnObject) => {
    const key = keyOf(row, operation, isOnObject);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= maxKnown) known.clear();
    const keys = keysOf(row, operation, isOnObject);
    const shared = { context: keys.context, absent: share(keys.absent) };
    known.set(ownText(key), shared);
    return shared;
  };
}

function keyOf(row: LogRow, operation: SeenOperation, isOnObject: boolean): string {
  const { listing } = operation;
  const { ip, userAgent, accessId = "", sls } = row;
  // No part but the last has a blank, and the others have one each at most once: no two rows share a key by chance.
  const network = sls === undefined ? "" : `${sls.httpType} ${cut(sls.vpcId ?? "?")}`;
  const kind = `${mayCarryHeaders(row.method) ? "w" : "r"}${isOnObject ? "o" : "b"}${isOwnHost(row) ? "h" : "x"}`;
  const listed = listing === undefined ? "" : JSON.stringify([...listing]);
  const headers = sls?.headers === undefined ? "" : headersKey(sls.headers, isPut(operation));
  return `${ip} ${cut(accessId)} ${kind}${isNone(row.requester) ? "a" : ""} ${network}\n${listed}${headers}\n${cut(userAgent)}`;
}

function headersKey({ acl, objectAcl, tagging }: LoggedHeaders, isOfPut: boolean): string {
  return `\n${JSON.stringify([acl, objectAcl, tagging, isOfPut])}`;
}

/** Returns true if the tags in the headers of a request are those that it sets. */
function isPut({ actions }: SeenOperation): boolean {
  return actions[0] === "oss:PutObject";
}

function keysOf(row: LogRow, operation: SeenOperation, isOnObject: boolean): KnownKeys {
  const context = new Map<string, string>();
  const absent = new Set<string>();
  if (isAddress(row.ip)) context.set("acs:SourceIp", ownText(row.ip));
  if (isPlainAgent(row.userAgent)) context.set("acs:UserAgent", ownText(row.userAgent));
  addAccessId(row, context, absent);
  addNetwork(row, context, absent);
  addListing(operation, context, absent);
  for (const key of absentHeaders(row.method, isOnObject)) absent.add(key);
  addHeaders(row, operation, context, absent);
  if (isOwnHost(row)) for (const key of accessPointKeys) absent.add(key);
  return { context, absent };
}

/** Returns true for one address. A list, or an address with a port, is of a proxy that is not known. */
function isAddress(text: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=.*:.*:)[\da-fA-F:.]+)$/.test(text);
}

/** Returns true if the log certainly has the header as it was sent: how it escapes marks is not documented. */
function isPlainAgent(text: string): boolean {
  return !isNone(text) && !isLong(text) && !/["\\%\x80-\uffff]/.test(text);
}

function addAccessId(
  { accessId, requester }: LogRow,
  context: Map<string, string>,
  absent: Set<string>,
): void {
  if (accessId !== undefined && isLong(accessId)) return;
  if (accessId !== undefined && !isNone(accessId)) context.set("acs:AccessId", ownText(accessId));
  else if (isNone(requester)) absent.add("acs:AccessId");
}

/** Adds what rows of SLS know of the network. A request from the Internet has no VPC (OSS docs: fields of the log). */
function addNetwork({ sls }: LogRow, context: Map<string, string>, absent: Set<string>): void {
  if (sls === undefined) return;
  if (sls.httpType === "https" || sls.httpType === "http")
    context.set("acs:SecureTransport", String(sls.httpType === "https"));
  if (sls.vpcId === undefined || isLong(sls.vpcId)) return;
  if (isNone(sls.vpcId)) absent.add("acs:SourceVpc");
  else context.set("acs:SourceVpc", sls.vpcId);
}

function addListing({ listing }: SeenOperation, context: Map<string, string>, absent: Set<string>): void {
  for (const key of ["oss:Prefix", "oss:Delimiter"] as const) {
    const value = listing?.get(key);
    if (value !== undefined) context.set(key, ownText(value));
    else if (listing === undefined || listing.has(key)) absent.add(key);
  }
}

const aclKeys = ["oss:x-oss-acl", "oss:x-oss-object-acl", "oss:RequestObjectTag/"] as const;

/** Returns the keys of headers that a request of this method does not carry. */
function absentHeaders(method: string, isOnObject: boolean): readonly string[] {
  if (!mayCarryHeaders(method)) return [...aclKeys, "oss:object-remaining-retention-days"];
  return isOnObject ? ["oss:x-oss-acl"] : ["oss:x-oss-object-acl", "oss:RequestObjectTag/"];
}

/** Adds what rows of SLS know of the headers. What they do not have is as unknown as without them. */
function addHeaders(
  { sls }: LogRow,
  operation: SeenOperation,
  context: Map<string, string>,
  absent: Set<string>,
): void {
  const { acl, objectAcl, tagging } = sls?.headers ?? {};
  for (const [key, value] of [
    ["oss:x-oss-acl", acl],
    ["oss:x-oss-object-acl", objectAcl],
  ] as const) {
    if (value === undefined) continue;
    context.set(key, ownText(value));
    absent.delete(key);
  }
  if (tagging === undefined || !isPut(operation)) return;
  const tags = tagsOf(tagging);
  if (tags === undefined) return;
  for (const [key, value] of tags) context.set(`oss:RequestObjectTag/${key}`, ownText(value));
  absent.add("oss:RequestObjectTag/");
}

const accessPointKeys = [
  "oss:DataAccessPointArn",
  "oss:DataAccessPointAccount",
  "oss:AccessPointNetworkOrigin",
] as const;

/** Returns true if the request went to the bucket's own domain, and so through no access point (inferred). */
function isOwnHost({ host, bucket }: LogRow): boolean {
  return host.startsWith(bucket) && host.startsWith(".oss-", bucket.length);
}
