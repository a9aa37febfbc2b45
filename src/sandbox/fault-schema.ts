import * as z from "zod";
import { operations } from "./route.ts";

export const textSchema = z
  .string({ error: "must be text; put numbers in quotes" })
  .min(1, { error: "must not be empty" });
export const wholeSchema = z.int({ error: "must be a whole number" });

const effectSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("status"),
      status: wholeSchema
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
      delayMs: wholeSchema.min(0, { error: "must not be negative" }),
    }),
    z.strictObject({
      kind: z.literal("reset"),
      when: z.enum(["before", "after"], { error: "must be `before` or `after`" }),
    }),
    z.strictObject({
      kind: z.literal("truncate"),
      bytes: wholeSchema.min(0, { error: "must not be negative" }),
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
      .strictObject({ from: wholeSchema.min(1, { error: "must be at least 1" }), to: wholeSchema }, mapping())
      .refine(({ from, to }) => from <= to, { error: "must not end before it starts" })
      .exactOptional(),
    probability: z
      .number({ error: "must be a number from 0 to 1" })
      .min(0, { error: "must be a number from 0 to 1" })
      .max(1, { error: "must be a number from 0 to 1" })
      .exactOptional(),
    effect: effectSchema,
  },
  mapping(),
);

/** Fault rules, in a seed file as in a call. Each message goes after the name of what it is about. */
export const faultsSchema = z.array(faultSchema, { error: "must be a list" });

/** The error for anything but a mapping; unknown names have a message of their own. */
export function mapping(): { readonly error: string } {
  return { error: "must be a mapping" };
}

export function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
