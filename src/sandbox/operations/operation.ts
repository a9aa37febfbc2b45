import type { Caller } from "../auth/authenticate.ts";
import type { Ruling } from "../auth/authorize.ts";
import type { Demand } from "../auth/demand.ts";
import type { Refused } from "../wire/wire-error.ts";
import type { Route } from "../wire/route.ts";
import type { SandboxBucket, World } from "../state/world.ts";
import { renderXml, type XmlNode } from "../wire/xml.ts";

/** Call that is signed by its caller, and that the caller may make. */
export interface OperationInput {
  readonly world: World;
  readonly route: Route;
  /** Headers by name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whole body; empty for an operation whose body is an object. */
  readonly body: Uint8Array;
  /** Body of an operation whose body is an object, as it arrives. Throws if the connection breaks. */
  readonly stream: AsyncIterable<Uint8Array>;
  readonly caller: Caller;
  /** UID that owns the buckets without an owner of their own. */
  readonly firstAccount: string;
  /** Block Public Access of the account of the bucket, or of the caller. */
  readonly accountBlock: boolean;
  /** Decides what a call needs beside its own action, such as the read of the source of a copy. */
  readonly decide: (bucket: SandboxBucket, demand: Demand) => Ruling;
  /** Condition keys of the call. */
  readonly context: ReadonlyMap<string, string>;
}

/** Operation on the service. */
export type ServiceOperation = (input: OperationInput) => OperationResult;

/** Operation on an existing bucket in the addressed region, or on an object of it. */
export type BucketOperation = (
  bucket: SandboxBucket,
  input: OperationInput,
) => OperationResult | Promise<OperationResult>;

/** Answer of an operation. */
export type OperationResult = Done | Refused;

/** Successful answer. */
export interface Done {
  readonly status: number;
  readonly body: string | Buffer | Content;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes of an object, or of a range of it. */
export interface Content {
  readonly length: number;
  /** Opens the bytes, once. */
  open(): AsyncIterable<Uint8Array>;
  /** Gives the bytes up, whether they were read or not: until then they are kept from being deleted. */
  discard(): void;
}

export function xml(root: XmlNode): Done {
  return { status: 200, body: renderXml(root), contentType: "application/xml" };
}

/** Answer without a body. */
export function empty(status: 200 | 204, headers: Done["headers"] = {}): Done {
  return { status, body: "", headers };
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
