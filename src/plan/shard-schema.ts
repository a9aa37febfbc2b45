import * as z from "zod";
import { maxShards } from "../desired/shard.ts";

const count = z.number().int().nonnegative();

const limit = z.object({ count: z.number().optional(), percent: z.number().optional() }).optional();

const limitedAccount = z.object({
  account: z.string().describe("Its UID."),
  name: z.string().optional(),
  file: z.string(),
  limits: z.object({ change: limit, delete: limit, abandon: limit }),
  managed: count.describe("Number of the buckets that have a file."),
  managedBefore: count.describe("Number of the buckets that had a file at the base."),
});

const shardNumber = z.number().int().min(1).max(maxShards);

const names = z.array(z.string());

/** Schema of the shard of a plan. */
export const shardSchema = z
  .object({
    index: shardNumber.describe("Number of the shard, from 1 to `count`."),
    count: shardNumber,
    unmerged: z
      .object({
        files: z.string().describe("Digest of the policy files."),
        selected: count.describe("Number of the buckets of all shards."),
        options: z.object({
          policies: z.string(),
          bucket: names,
          exclude: names,
          account: names,
          accept: names,
          forbid: z.string().optional(),
          replaceUnparseable: names,
        }),
        accounts: z.array(limitedAccount),
        accountsAtBase: z.array(limitedAccount).optional(),
        known: names.optional().describe("Principals that the files name; only if a hazard depends on them."),
        live: names.describe("Other principals that live policies of the shard name."),
      })
      .optional()
      .describe("What `merge` needs. Limits of accounts are not judged in this plan: `merge` does it."),
  })
  .refine(({ index, count: shards }) => index <= shards)
  .describe("The plan is about one shard of the buckets.");
