import * as z from "zod";
import { isBucketName, operations } from "./route.ts";
import { bucketAcls } from "./world.ts";

const textSchema = z
  .string({ error: "must be text; put numbers in quotes" })
  .min(1, { error: "must not be empty" });
const countSchema = z.int({ error: "must be a whole number" });

const keySchema = z.strictObject(
  { id: textSchema, secret: textSchema, token: textSchema.exactOptional() },
  mapping(),
);

const bucketSchema = z.strictObject(
  {
    name: textSchema.refine(isBucketName, {
      error: "must be a bucket name: 3 to 63 of `a-z`, `0-9` and `-`, with no hyphen at either end",
    }),
    region: textSchema.regex(/^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/, {
      error: "must be a region in the short form, such as `cn-hangzhou`",
    }),
    policy: z
      .union([z.string(), z.record(z.string(), z.unknown())], { error: "must be text or a mapping" })
      .transform((policy) => (typeof policy === "string" ? policy : JSON.stringify(policy)))
      .exactOptional(),
    acl: z.enum(bucketAcls, { error: `must be one of ${list(bucketAcls)}` }).exactOptional(),
    blockPublicAccess: z.boolean({ error: "must be true or false" }).exactOptional(),
  },
  mapping(),
);

const effectSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("status"),
      status: countSchema
        .min(200, { error: "must be from 200 to 599" })
        .max(599, { error: "must be from 200 to 599" }),
      code: textSchema,
      message: z.string({ error: "must be text" }).exactOptional(),
      ec: textSchema.exactOptional(),
      headers: z.record(z.string(), textSchema, mapping()).exactOptional(),
      body: z.string({ error: "must be text" }).exactOptional(),
    }),
    z.strictObject({
      kind: z.literal("delay"),
      delayMs: countSchema.min(0, { error: "must not be negative" }),
    }),
    z.strictObject({
      kind: z.literal("reset"),
      when: z.enum(["before", "after"], { error: "must be `before` or `after`" }),
    }),
    z.strictObject({
      kind: z.literal("truncate"),
      bytes: countSchema.min(0, { error: "must not be negative" }),
    }),
  ],
  {
    error: ({ code }) =>
      code === "invalid_union" ? "must be `status`, `delay`, `reset` or `truncate`" : "must be a mapping",
  },
);

const faultSchema = z.strictObject(
  {
    bucket: textSchema.exactOptional(),
    operation: z.enum(operations, { error: `must be one of ${list(operations)}` }).exactOptional(),
    calls: z
      .strictObject({ from: countSchema.min(1, { error: "must be at least 1" }), to: countSchema }, mapping())
      .refine(({ from, to }) => from <= to, { error: "must not end before it starts" })
      .exactOptional(),
    effect: effectSchema,
  },
  mapping(),
);

/** The form of a seed file. Each message goes after the name of what it is about. */
export const seedSchema = z.strictObject(
  {
    account: textSchema.regex(/^\d+$/, { error: "must be a UID: digits only" }).exactOptional(),
    keys: z
      .array(keySchema, { error: "must be a list" })
      .min(1, { error: "must have at least one key" })
      .superRefine(unique("id"))
      .exactOptional(),
    buckets: z.array(bucketSchema, { error: "must be a list" }).superRefine(unique("name")),
    faults: z.array(faultSchema, { error: "must be a list" }).exactOptional(),
  },
  { error: "must be a mapping with `buckets`, and perhaps `account`, `keys` and `faults`" },
);

/** The error for anything but a mapping; unknown names have a message of their own. */
function mapping(): { readonly error: string } {
  return { error: "must be a mapping" };
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function unique<Name extends string>(name: Name) {
  return (items: readonly Readonly<Record<Name, string>>[], context: z.RefinementCtx): void => {
    items.forEach((item, index) => {
      if (items.findIndex((other) => other[name] === item[name]) === index) return;
      context.addIssue({ code: "custom", path: [index, name], message: "is there twice" });
    });
  };
}
