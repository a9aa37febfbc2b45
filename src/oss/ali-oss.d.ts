/** The part of `ali-oss` that this project calls, as version 6.23 has it. */
declare module "ali-oss" {
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
  }

  export interface RawAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly data: Uint8Array;
  }

  export default class Client {
    constructor(options: ClientOptions);
    /** Added to this machine's time where requests are signed. */
    readonly options: { amendTimeSkewed: number };
    /** Resolves whatever the status, as long as `successStatuses` is not given; rejects where no answer came. */
    request(params: RequestParams): Promise<RawAnswer>;
    parseXML(text: string): Promise<unknown>;
  }
}
