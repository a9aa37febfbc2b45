/** Events as ActionTrail writes them, after the examples of its documentation. */

type EventFields = Readonly<Record<string, unknown>>;

export const owner = "1746495857600001";

export const callers = {
  root: { type: "root-account", principalId: owner, accountId: owner, userName: "root" },
  user: { type: "ram-user", principalId: "202147604049350001", accountId: owner, userName: "alice" },
  role: {
    type: "assumed-role",
    principalId: "300000000000000529:deploy",
    accountId: owner,
    userName: "ops-admin:deploy",
    accessKeyId: "STS.NTexample",
    sessionContext: { attributes: { mfaAuthenticated: "false" } },
  },
  stranger: {
    type: "ram-user",
    principalId: "302147604049350009",
    accountId: "1999999999999999",
    userName: "contractor",
  },
} as const;

let made = 0;

/** A successful PutBucketPolicy on the bucket `data`, with other fields in the place of some. */
export function event(fields: EventFields = {}): EventFields {
  made += 1;
  return {
    eventId: `EVENT-${made}`,
    eventVersion: 1,
    eventSource: "data.oss-cn-hangzhou.aliyuncs.com",
    sourceIpAddress: "203.0.113.7",
    userAgent: "aliyun-cli/3.0.1",
    eventType: "ApiCall",
    eventRW: "Write",
    referencedResources: { "ACS::OSS::Bucket": ["data"] },
    userIdentity: callers.user,
    serviceName: "Oss",
    requestId: `REQUEST-${made}`,
    eventTime: "2026-05-31T08:24:43Z",
    isGlobal: false,
    acsRegion: "cn-hangzhou",
    eventName: "PutBucketPolicy",
    ...fields,
  };
}

export function jsonLines(...events: readonly EventFields[]): string {
  return events.map((one) => `${JSON.stringify(one)}\n`).join("");
}
