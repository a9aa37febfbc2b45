import type { RequestSource } from "./seen-request.ts";

/** Request as a log has it, before it is understood. Texts are as logged; `-` and the empty text say that there is no value. */
export interface LogRow {
  readonly source: RequestSource;
  /** NaN if the time cannot be read. */
  readonly timeMs: number;
  readonly ip: string;
  readonly method: string;
  /** Path and query as sent, encoded. */
  readonly target: string;
  readonly status: number;
  readonly userAgent: string;
  readonly host: string;
  readonly requestId: string;
  readonly requester: string;
  readonly operation: string;
  readonly bucket: string;
  readonly object: string;
  readonly owner: string;
  /** `cdn`, `lifecycle`, or nothing. */
  readonly syncRequest: string;
  /** Undefined in lines of a format that does not have it. */
  readonly accessId: string | undefined;
  /** What only rows of SLS have. */
  readonly sls?: SlsPart;
}

interface SlsPart {
  readonly ec: string;
  readonly signType: string;
  /** `http` or `https`. */
  readonly httpType: string;
  readonly vpcId: string | undefined;
  /** Parts of `extend_information`: account, name of the role, name of its session, account of the role. */
  readonly caller: readonly string[];
  /** Undefined without them, and for methods that carry none of them. */
  readonly headers: LoggedHeaders | undefined;
}

/**
 * Headers of a request that a row of SLS has if the bucket's log names them (OSS docs: PutUserDefinedLogFieldsConfig). One
 * that is absent may have been sent: that a header which was not sent is logged in some way is not documented.
 */
export interface LoggedHeaders {
  readonly acl: string | undefined;
  readonly objectAcl: string | undefined;
  readonly tagging: string | undefined;
  readonly copySource: string | undefined;
}

/**
 * Copies a text that is a part of a larger one, before it is kept: the engine would keep all of the larger one for it, which
 * is a whole part of the log.
 */
export function ownText(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

/** Returns true for a method whose requests may carry headers that set something. */
export function mayCarryHeaders(method: string): boolean {
  return method === "PUT" || method === "POST";
}

/** Returns true for a field without a value. */
export function isNone(text: string): boolean {
  return text === "-" || text === "";
}
