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
  /** Headers of the answer, beside those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
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
  BucketNotEmpty: { status: 409, message: "The bucket has objects or parts of multipart uploads." },
  EntityTooLarge: { status: 400, message: "The request body is larger than the sandbox accepts." },
  EntityTooSmall: {
    status: 400,
    ec: "0042-00000213",
    message: "A part that is not the last one has less than 100 KB.",
  },
  // Two numbers are documented for one case.
  FileAlreadyExists: {
    status: 409,
    message: "The object you specified already exists and can not be overwritten.",
  },
  InternalError: { status: 500, message: "The sandbox failed to handle this request." },
  InvalidAccessKeyId: { status: 403, ec: "0002-00000902", message: "This access key id is not known." },
  InvalidArgument: { status: 400, message: "The request has an invalid argument." },
  InvalidBucketName: { status: 400, ec: "0015-00000001", message: "The specified bucket name is not valid." },
  InvalidDigest: { status: 400, message: "The Content-MD5 does not belong to this body." },
  InvalidObjectState: {
    status: 403,
    message: "The operation is not valid for the object's state: it is archived.",
  },
  InvalidPart: { status: 400, message: "A part does not exist, or has another ETag." },
  InvalidPartOrder: {
    status: 400,
    ec: "0042-00000209",
    message: "The parts are not in ascending order of their numbers.",
  },
  InvalidRange: { status: 416, message: "The requested range cannot be satisfied." },
  InvalidRequest: { status: 400, message: "The request is not valid." },
  InvalidTag: { status: 400, message: "A tag is not valid." },
  InvalidTargetType: { status: 400, message: "The target of the symlink is a symlink." },
  InvalidObjectName: { status: 400, message: "The specified object name is not valid." },
  InvalidPolicyDocument: { status: 400, message: "The policy document is not valid." },
  InvalidSecurityToken: {
    status: 403,
    ec: "0002-00000008",
    message: "The security token is not the one of this access key.",
  },
  FieldItemTooLong: { status: 400, message: "A field of the form is longer than the sandbox accepts." },
  IncorrectNumberOfFilesInPOSTRequest: { status: 400, message: "The form must have a key and one file." },
  MalformedPOSTRequest: {
    status: 400,
    message: "The body of your POST request is not well-formed multipart/form-data.",
  },
  MalformedXML: { status: 400, message: "The XML of the request is not what this operation takes." },
  MissingArgument: { status: 400, message: "A required argument is missing." },
  MissingContentLength: { status: 411, message: "The request needs a Content-Length, or a chunked body." },
  MetaOperationQpsLimitExceeded: { status: 503, message: "There are too many calls that manage buckets." },
  NoSuchBucket: { status: 404, ec: "0015-00000101", message: "The specified bucket does not exist." },
  NoSuchBucketPolicy: {
    status: 404,
    ec: "0030-00000006",
    message: "The specified bucket policy does not exist.",
  },
  NoSuchCORSConfiguration: { status: 404, message: "The CORS configuration does not exist." },
  NoSuchKey: { status: 404, ec: "0026-00000001", message: "The specified key does not exist." },
  NoSuchLifecycle: { status: 404, message: "The lifecycle configuration does not exist." },
  NoSuchServerSideEncryptionRule: {
    status: 404,
    message: "The server side encryption configuration does not exist.",
  },
  NoSuchTransferAccelerationConfiguration: {
    status: 404,
    message: "The transfer acceleration configuration does not exist.",
  },
  NoSuchUpload: {
    status: 404,
    message: "The upload does not exist: it may be complete or aborted, or never have been.",
  },
  NoSuchWebsiteConfiguration: { status: 404, message: "The website configuration does not exist." },
  NotImplemented: {
    status: 501,
    message: "The sandbox does not have this operation, or not with these parameters.",
  },
  NotSymlink: { status: 400, ec: "0043-00000101", message: "The object is not a symlink." },
  ObjectNotAppendable: { status: 409, ec: "0026-00000017", message: "The object is not appendable." },
  OperationNotSupported: { status: 400, message: "The object does not allow this operation." },
  PositionNotEqualToLength: {
    status: 409,
    ec: "0026-00000016",
    message: "The position is not the length of the object.",
  },
  PreconditionFailed: { status: 412, message: "A condition of the request does not hold." },
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
  SymlinkTargetNotExist: {
    status: 404,
    ec: "0026-00000012",
    message: "The target of the symlink does not exist.",
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
