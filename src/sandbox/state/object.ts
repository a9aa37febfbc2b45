import * as z from "zod";
import type { Body } from "./body.ts";

export const objectAcls = ["default", "private", "public-read", "public-read-write"] as const;
export type ObjectAcl = (typeof objectAcls)[number];

export const storageClasses = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"] as const;
export type StorageClass = (typeof storageClasses)[number];

/** Everything that an upload says about its object, but the bytes. */
export interface ObjectAttributes {
  readonly acl: ObjectAcl;
  readonly storageClass: StorageClass;
  /** Content headers, such as `content-type`, and `x-oss-meta-*`; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SandboxObject extends ObjectAttributes {
  readonly key: string;
  readonly type: "Normal" | "Multipart" | "Appendable" | "Symlink";
  readonly body: Body;
  /** Without the quotes. */
  readonly etag: string;
  /** ISO 8601, in UTC; OSS has seconds only. */
  readonly modifiedAt: string;
  /** Key that a symlink points to. */
  readonly target?: string;
}

/** Object that is there from the start. */
export interface SeedObject {
  readonly key: string;
  readonly body?: string;
  /** `default` by default. */
  readonly acl?: ObjectAcl;
  readonly tags?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

/** Multipart upload that is neither complete nor aborted. */
export interface SandboxUpload extends ObjectAttributes {
  readonly id: string;
  readonly key: string;
  readonly startedAt: string;
}

export interface UploadedPart {
  /** 1 to 10,000. */
  readonly number: number;
  readonly etag: string;
  readonly modifiedAt: string;
  readonly body: Body;
}

const bodySchema = z.strictObject({
  size: z.int(),
  crc64: z.string().regex(/^\d+$/),
  segments: z.array(z.strictObject({ file: z.string().regex(/^[0-9a-f]{32}$/), size: z.int() })),
});

const attributes = {
  acl: z.enum(objectAcls),
  storageClass: z.enum(storageClasses),
  headers: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
};

/** Schema of an object in a state file. */
export const objectSchema = z.strictObject({
  ...attributes,
  key: z.string(),
  type: z.enum(["Normal", "Multipart", "Appendable", "Symlink"]),
  body: bodySchema,
  etag: z.string(),
  modifiedAt: z.iso.datetime(),
  target: z.string().exactOptional(),
}) satisfies z.ZodType<SandboxObject>;

export const uploadSchema = z.strictObject({
  ...attributes,
  id: z.string(),
  key: z.string(),
  startedAt: z.iso.datetime(),
}) satisfies z.ZodType<SandboxUpload>;

export const partSchema = z.strictObject({
  number: z.int(),
  etag: z.string(),
  modifiedAt: z.iso.datetime(),
  body: bodySchema,
}) satisfies z.ZodType<UploadedPart>;
