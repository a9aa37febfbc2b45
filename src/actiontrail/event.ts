/**
 * Management events of ActionTrail, as "Management event structure" and "OSS" of its documentation describe them. No
 * example of a policy call is published; that it names its bucket as PutBucket does is inferred. No published event
 * has the text of a policy, so none is read.
 */

/** Calls that set or remove a bucket's policy. A deleted bucket has lost its policy, whoever creates it again. */
export const policyCalls = ["PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucket"] as const;
type PolicyCallName = (typeof policyCalls)[number];

/** Successful call that set or removed the policy of a bucket. Its texts are as the event has them; empty if absent. */
export interface PolicyCall {
  readonly call: PolicyCallName;
  /** Time in UTC, as ISO 8601. */
  readonly at: string;
  readonly by: EventCaller;
  /** Usually an IP address, but also a host name of a service, or `Internal`. */
  readonly from: string;
  readonly userAgent: string;
  /** ApiCall, ConsoleOperation or AliyunServiceEvent. */
  readonly eventType: string;
  readonly eventId: string;
}

export interface EventCaller {
  /** root-account, ram-user or assumed-role; other types are shown as they are. */
  readonly type: string;
  /** Name of the RAM user, or `ROLE:SESSION`. */
  readonly name: string;
  /** UID, or `ROLE ID:SESSION`. */
  readonly id: string;
  /** UID of the caller's account, which need not own the bucket. */
  readonly account: string;
}

/** Event, and the policy call that it records, if it records one that succeeded. */
export interface RecordedEvent {
  readonly at: string;
  readonly ms: number;
  readonly policyCall?: PolicyCall & { readonly buckets: readonly string[]; readonly region: string };
}

export interface EventProblem {
  /** Ends a sentence about a record, such as "has no time". */
  readonly problem: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Parses a record: an event, a page of LookupEvents, or a row of a Logstore that holds an event. */
export function parseEvents(text: string): readonly (RecordedEvent | EventProblem)[] {
  const value = parsed(text);
  if (!isFields(value)) return [{ problem: "is not JSON" }];
  const { Events: page, event } = value;
  if (Array.isArray(page)) return page.map(parseEvent);
  return [parseEvent(typeof event === "string" ? parsed(event) : (event ?? value))];
}

function parseEvent(event: unknown): RecordedEvent | EventProblem {
  if (!isFields(event) || textOf(event["eventName"]) === "") return { problem: "is no event of ActionTrail" };
  const at = textOf(event["eventTime"]);
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(at) ? Date.parse(at) : NaN;
  if (Number.isNaN(ms)) return { problem: "has no time in UTC" };
  const call = policyCalls.find((name) => name === event["eventName"]);
  const isOss = textOf(event["serviceName"]).toLowerCase() === "oss";
  const isFailed = textOf(event["errorCode"]) !== "" || textOf(event["errorMessage"]) !== "";
  if (call === undefined || !isOss || isFailed) return { at, ms };
  const buckets = bucketsOf(event);
  if (buckets.length === 0) return { problem: `records ${call} and names no bucket` };
  return {
    at,
    ms,
    policyCall: {
      call,
      at,
      by: callerOf(event["userIdentity"]),
      from: textOf(event["sourceIpAddress"]),
      userAgent: textOf(event["userAgent"]),
      eventType: textOf(event["eventType"]),
      eventId: textOf(event["eventId"]) || textOf(event["requestId"]),
      buckets,
      region: textOf(event["acsRegion"]),
    },
  };
}

const bucketType = "ACS::OSS::Bucket";

/** Returns the buckets of an event, from both forms in which events name resources: a member for each type, and two lists. */
function bucketsOf({ referencedResources, resourceType, resourceName }: Fields): readonly string[] {
  const referenced = isFields(referencedResources) ? referencedResources[bucketType] : [];
  // Names of one type are divided by commas, and types by semicolons.
  const names = textOf(resourceName).split(";");
  const listed = textOf(resourceType)
    .split(";")
    .flatMap((type, index) => (type === bucketType ? (names[index] ?? "").split(",") : []));
  const all = [...(Array.isArray(referenced) ? referenced.map(textOf) : []), ...listed];
  return [...new Set(all)].filter((name) => name !== "");
}

function callerOf(identity: unknown): EventCaller {
  const { type, userName, principalId, accountId } = isFields(identity) ? identity : {};
  return {
    type: textOf(type),
    name: textOf(userName),
    id: textOf(principalId),
    account: textOf(accountId),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a text, or the digits of a number that lost none. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Number.isSafeInteger(value) ? String(value) : "";
}
