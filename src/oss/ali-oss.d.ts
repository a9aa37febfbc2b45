/** Types for the part of `ali-oss` 6.23 that this project calls. */
declare module "ali-oss" {
  import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

  export interface ClientOptions {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly stsToken?: string;
    readonly refreshSTSToken?: () => Promise<unknown>;
    readonly region: string;
    readonly endpoint?: string;
    readonly secure: boolean;
    readonly authorizationV4: boolean;
    readonly sldEnable: boolean;
    readonly timeout: number;
    readonly retryMax: number;
    /** Replacement of the SDK's HTTP client. */
    readonly urllib: { request(url: string, params: TransportParams): Promise<RawAnswer> };
  }

  export interface TransportParams {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly content?: Uint8Array;
  }

  export interface RequestParams {
    readonly method: "GET" | "PUT" | "DELETE";
    readonly bucket: string;
    readonly subres?: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly content?: Uint8Array;
    /** Returns the head of the answer as soon as it arrives, and the body as a stream. */
    readonly customResponse: true;
  }

  export interface RawAnswer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly res: IncomingMessage;
  }

  export default class Client {
    constructor(options: ClientOptions);
    /** Milliseconds added to this machine's time when requests are signed. */
    readonly options: { amendTimeSkewed: number };
    /** Resolves with any status, unless `successStatuses` is given; rejects if no answer came. */
    request(params: RequestParams): Promise<RawAnswer>;
    /** Returns the Authorization header of a request. */
    authorizationV4: (method: string, request: SignedRequest, bucket?: string) => string;
  }

  export interface SignedRequest {
    readonly headers: Readonly<Record<string, string>>;
    /** A null is a name without a value. */
    readonly queries: Readonly<Record<string, string | null>>;
  }
}
