import type { Caller } from "../auth/authenticate.ts";
import type { Route } from "../wire/route.ts";
import type { Refused } from "../wire/wire-error.ts";
import type { SandboxBucket, World } from "../state/world.ts";
import { renderXml, type XmlNode } from "../wire/xml.ts";

export interface OperationInput {
  readonly route: Route;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly caller: Caller;
  /** UID that owns the buckets without an owner of their own. */
  readonly firstAccount: string;
  /** Address that the call came from. */
  readonly sourceIp: string;
  /** Block Public Access of the whole account. */
  readonly accountBlock: boolean;
}

/** Operation on an existing bucket in the addressed region. */
export type BucketOperation = (world: World, bucket: SandboxBucket, input: OperationInput) => Done | Refused;

/** Successful answer. */
export interface Done {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
}

export function xml(root: XmlNode): Done {
  return { status: 200, body: renderXml(root), contentType: "application/xml" };
}

export function ownerNode(account: string): XmlNode {
  return [
    "Owner",
    [
      ["ID", account],
      ["DisplayName", account],
    ],
  ];
}
