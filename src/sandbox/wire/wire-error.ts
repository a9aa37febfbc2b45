import { renderXml, type XmlNode } from "./xml.ts";

/** Error answer, before it is formatted for a request. */
export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Undefined if the docs name no EC for the case: the sandbox never invents one. */
  readonly ec: string | undefined;
  /** Nodes between HostId and EC, such as BucketName. */
  readonly extras: readonly XmlNode[];
}

export interface Refused {
  readonly refusal: Refusal;
}

interface CatalogueEntry {
  readonly status: number;
  readonly ec?: string;
  readonly message: string;
}

/**
 * Errors with their status and EC (OSS docs: error codes). OSS lists NotImplemented among the codes of 400, and clients take
 * 400 for other things: ali-oss reads it as a bucket without a policy.
 */
const catalogue = {
  AccessDenied: { status: 403, ec: "0003-00000001", message: "You may not do this." },
  BucketAlreadyExists: { status: 409, message: "This bucket name is taken." },
  EntityTooLarge: { status: 400, message: "The request body is larger than the sandbox accepts." },
  InternalError: { status: 500, message: "The sandbox failed to handle this request." },
  InvalidAccessKeyId: { status: 403, ec: "0002-00000902", message: "This access key id is not known." },
  InvalidArgument: { status: 400, message: "The request has an invalid argument." },
  InvalidBucketName: { status: 400, ec: "0015-00000001", message: "The specified bucket name is not valid." },
  InvalidDigest: { status: 400, message: "The Content-MD5 does not belong to this body." },
  InvalidObjectName: { status: 400, message: "The specified object name is not valid." },
  InvalidPolicyDocument: { status: 400, message: "The policy document is not valid." },
  InvalidSecurityToken: {
    status: 403,
    ec: "0002-00000008",
    message: "The security token is not the one of this access key.",
  },
  MalformedXML: { status: 400, message: "The XML of the request is not what this operation takes." },
  MetaOperationQpsLimitExceeded: { status: 503, message: "There are too many calls that manage buckets." },
  NoSuchBucket: { status: 404, ec: "0015-00000101", message: "The specified bucket does not exist." },
  NoSuchBucketPolicy: {
    status: 404,
    ec: "0030-00000006",
    message: "The specified bucket policy does not exist.",
  },
  NotImplemented: {
    status: 501,
    message: "The sandbox does not have this operation, or not with these parameters.",
  },
  QpsLimitExceeded: { status: 429, message: "There are too many calls." },
  RequestTimeTooSkewed: {
    status: 403,
    ec: "0002-00000504",
    message: "The clock of the request differs from the server's by more than 15 minutes.",
  },
  SecondLevelDomainForbidden: {
    status: 403,
    message: "Put the bucket into the host name, not into the path.",
  },
  SecurityTokenExpired: { status: 403, ec: "0002-00000007", message: "The security token has expired." },
  SecurityTokenNotSupported: { status: 403, message: "This access key does not accept a security token." },
  SignatureDoesNotMatch: {
    status: 403,
    ec: "0002-00000201",
    message: "The signature is not the one that the server calculated.",
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

export type ErrorCode = keyof typeof catalogue;

/** Returns the error of a code; `given` overrides the catalogue. */
export function refuse(code: ErrorCode, given: Partial<Omit<Refusal, "code">> = {}): Refused {
  const entry: CatalogueEntry = catalogue[code];
  const { status, message, ec } = entry;
  return { refusal: { code, status, message, ec, extras: [], ...given } };
}

/** Returns the error for a bucket called through another region's endpoint (OSS docs: EC 0003-00001403). */
export function refuseElsewhere(bucket: string, region: string): Refused {
  return refuse("AccessDenied", {
    ec: "0003-00001403",
    message: "The bucket must be addressed through the endpoint of its own region.",
    extras: [
      ["Bucket", bucket],
      ["Endpoint", `oss-${region}.aliyuncs.com`],
    ],
  });
}

/** Returns the body of an error answer, elements in OSS's order (OSS docs: error responses). */
export function errorXml(refusal: Refusal, requestId: string, host: string): string {
  const { ec } = refusal;
  const number: readonly XmlNode[] =
    ec === undefined
      ? []
      : [
          ["EC", ec],
          ["RecommendDoc", `https://api.aliyun.com/troubleshoot?q=${ec}`],
        ];
  return renderXml([
    "Error",
    [
      ["Code", refusal.code],
      ["Message", refusal.message],
      ["RequestId", requestId],
      ["HostId", host],
      ...refusal.extras,
      ...number,
    ],
  ]);
}
