/** The part of `ali-oss` that this project calls, as version 6.23 has it. */
declare module "ali-oss" {
  import type { IncomingMessage } from "node:http";

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
    readonly agent: unknown;
    readonly httpsAgent: unknown;
  }

  export interface RequestParams {
    readonly method: "GET" | "PUT" | "DELETE";
    readonly bucket: string;
    readonly subres?: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly content?: Uint8Array;
    /** The answer's head is given as soon as it is there, and its body as a stream. */
    readonly customResponse: true;
  }

  export interface RawAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly res: IncomingMessage;
  }

  export default class Client {
    constructor(options: ClientOptions);
    /** Added to this machine's time where requests are signed. */
    readonly options: { amendTimeSkewed: number };
    /** Resolves whatever the status, as long as `successStatuses` is not given; rejects where no answer came. */
    request(params: RequestParams): Promise<RawAnswer>;
    /** The Authorization header of a request. */
    authorizationV4: (...parts: readonly unknown[]) => string;
  }
}
