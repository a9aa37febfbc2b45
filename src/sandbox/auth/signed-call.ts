import type { RequestTarget } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";

/** Parts of a request that a signature covers. */
export interface SignedCall {
  readonly method: string;
  readonly route: Pick<RequestTarget, "query" | "region" | "resource">;
  /** Headers by name in lower case; each character of a value is a byte. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Form of a signature, in the words of OSS's access log. */
export type SignType = "NotSign" | "NormalSign" | "UriSign" | "NORMAL_SIGN4" | "URI_SIGN4";

/** Signature of a call that is well formed and in time, but not checked yet. */
export interface Claim {
  readonly signType: Exclude<SignType, "NotSign">;
  readonly keyId: string;
  /** Token of temporary credentials. */
  readonly token: string | undefined;
  readonly signature: string;
  /** Region of the scope; undefined in V1. */
  readonly region: string | undefined;
  /** Each character is a byte. */
  readonly stringToSign: string;
  sign(secret: string): string;
  /** EC of the refusal where the signature is another one. */
  readonly mismatchEc: string;
}

/** Refuses a scheme that OSS has and the sandbox does not. */
export function unknownScheme(): Refused {
  const message = "The sandbox knows the signatures V1 and V4 of OSS only: no V2, and none of S3.";
  return refuse("NotImplemented", { status: 501, message });
}
