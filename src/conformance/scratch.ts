import type { Credentials } from "../oss/credentials.ts";

/** Identities that send the requests of cases. */
export const identityNames = ["owner", "user", "other-account", "role"] as const;
export type IdentityName = (typeof identityNames)[number];

/** Identity with its credentials. */
export interface ConformanceIdentity {
  readonly credentials: Credentials;
  /** UID, or the ARN of a role session; empty for the owner, whose UID the bucket says. */
  readonly principal: string;
}

export type Identities = Readonly<Partial<Record<IdentityName, ConformanceIdentity>>>;

/** What the policies of the cases are made of. */
export interface Scratch {
  readonly bucket: string;
  /** Region in its short form. */
  readonly region: string;
  /** UID of the owner. */
  readonly owner: string;
  /** UID of the RAM user. */
  readonly user: string;
  /** UID of the other account; an unused UID without one. */
  readonly other: string;
  /** ARN of the role session; an unused one without a role. */
  readonly role: string;
  /** Address from which OSS sees the requests, if it was given. */
  readonly address: string | undefined;
  /** Name of the run. */
  readonly run: string;
  /** Moment a few minutes from now, at which conditions of statements that reach the owner end. */
  readonly until: string;
}

/** Folder of everything that a run puts into the bucket. */
export const ownFolder = "oss-policy-conformance/";

/** Object that names the run to which the bucket belongs. */
export const lockKey = `${ownFolder}lock`;
