import * as z from "zod";
import { accountSchema, keysSchema, uidSchema, unique } from "./account-schema.ts";
import {
  faultsSchema,
  list,
  mapping,
  regionSchema,
  textSchema,
  wholeSchema,
} from "../faults/fault-schema.ts";
import { openQuestions, type Interpretation } from "../../policy/open-questions.ts";
import { isBucketName, isObjectKey } from "../wire/place.ts";
import { objectAcls } from "../state/object.ts";
import { bucketAcls } from "../state/world.ts";

const tagsSchema = z.record(
  z.string(),
  z.string({ error: "must be text; put numbers in quotes" }),
  mapping(),
);

const objectSchema = z.strictObject(
  {
    key: textSchema.refine(isObjectKey, {
      error: "must be a key: up to 1,023 bytes of UTF-8, with no slash or backslash at its start",
    }),
    body: z.string({ error: "must be text" }).exactOptional(),
    acl: z.enum(objectAcls, { error: `must be one of ${list(objectAcls)}` }).exactOptional(),
    tags: tagsSchema.exactOptional(),
    contentType: textSchema.exactOptional(),
  },
  mapping(),
);

const bucketSchema = z.strictObject(
  {
    owner: uidSchema.exactOptional(),
    name: textSchema.refine(isBucketName, {
      error: "must be a bucket name: 3 to 63 of `a-z`, `0-9` and `-`, with no hyphen at either end",
    }),
    region: regionSchema,
    policy: z
      .union([z.string(), z.record(z.string(), z.unknown())], { error: "must be text or a mapping" })
      .transform((policy) => (typeof policy === "string" ? policy : JSON.stringify(policy)))
      .exactOptional(),
    acl: z.enum(bucketAcls, { error: `must be one of ${list(bucketAcls)}` }).exactOptional(),
    blockPublicAccess: z.boolean({ error: "must be true or false" }).exactOptional(),
    tags: tagsSchema.exactOptional(),
    objects: z.array(objectSchema, { error: "must be a list" }).superRefine(unique("key")).exactOptional(),
  },
  mapping(),
);

/** Positions on open questions, which a call that depends on one is then decided by. */
const interpretationSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(openQuestions).map(([name, positions]: [string, readonly string[]]) => [
        name,
        z.enum(positions, { error: `must be one of ${list(positions)}` }).exactOptional(),
      ]),
    ),
    mapping(),
  )
  .transform((positions) => positions as Partial<Interpretation>);

/** Schema of a seed file. Each message follows the name of its subject. */
export const seedSchema = z
  .strictObject(
    {
      account: uidSchema.exactOptional(),
      keys: keysSchema.exactOptional(),
      accounts: z
        .array(accountSchema, { error: "must be a list" })
        .min(1, { error: "must have at least one account" })
        .superRefine(unique("uid"))
        .exactOptional(),
      buckets: z.array(bucketSchema, { error: "must be a list" }).superRefine(unique("name")),
      blockPublicAccess: z.boolean({ error: "must be true or false" }).exactOptional(),
      interpretation: interpretationSchema.exactOptional(),
      seed: wholeSchema.exactOptional(),
      faults: faultsSchema.exactOptional(),
    },
    {
      error:
        "must be a mapping with `buckets`, and optionally `account`, `keys`, `accounts`, `blockPublicAccess`, `interpretation`, `seed` and `faults`",
    },
  )
  .superRefine(({ account, keys, accounts, buckets }, context) => {
    if (accounts === undefined) return;
    if (account !== undefined || keys !== undefined) {
      const message = "`account` and `keys` have no place beside `accounts`: write them into its first entry";
      context.addIssue({ code: "custom", path: [account === undefined ? "keys" : "account"], message });
    }
    for (const [index, { owner }] of buckets.entries())
      if (owner !== undefined && !accounts.some(({ uid }) => uid === owner))
        context.addIssue({
          code: "custom",
          path: ["buckets", index, "owner"],
          message: "is no account of the seed file",
        });
  });
