import type { Caller } from "./authenticate.ts";
import type { Route } from "./route.ts";
import type { Refused } from "./wire-error.ts";
import type { SandboxBucket, World } from "./world.ts";
import { renderXml, type XmlNode } from "./xml.ts";

export interface OperationInput {
  readonly route: Route;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly caller: Caller;
  /** The UID that owns every bucket. */
  readonly account: string;
  /** Block Public Access of the whole account. */
  readonly accountBlock: boolean;
}

/** What is done to a bucket that exists, in the region that was asked. */
export type BucketOperation = (world: World, bucket: SandboxBucket, input: OperationInput) => Done | Refused;

/** A successful answer. */
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
