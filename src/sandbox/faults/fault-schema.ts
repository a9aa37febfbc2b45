import * as z from "zod";
import { maxStaleMs } from "../state/world.ts";
import { operations, type Operation } from "../operations/table.ts";

export const textSchema = z
  .string({ error: "must be text; put numbers in quotes" })
  .min(1, { error: "must not be empty" });
export const wholeSchema = z.int({ error: "must be a whole number" });
export const regionSchema = textSchema.regex(/^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/, {
  error: "must be a region in the short form, such as `cn-hangzhou`",
});

const whenSchema = z.enum(["before", "after"], { error: "must be `before` or `after`" });
const headersSchema = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/),
  textSchema.regex(/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/, { error: "must be plain ASCII on one line" }),
  { error: ({ code }) => (code === "invalid_key" ? "must be the name of a header" : "must be a mapping") },
);

const effectSchemas = [
  z.strictObject({
    kind: z.literal("status"),
    status: wholeFrom(200, 599),
    code: textSchema,
    message: z.string({ error: "must be text" }).exactOptional(),
    ec: textSchema.exactOptional(),
    headers: headersSchema.exactOptional(),
    body: z.string({ error: "must be text" }).exactOptional(),
    when: whenSchema.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("throttle"),
    perSecond: wholeFrom(0, 10_000),
    status: z.literal([429, 503], { error: "must be 429 or 503" }).exactOptional(),
    headers: headersSchema.exactOptional(),
  }),
  // A timer ignores longer waits.
  z.strictObject({ kind: z.literal("delay"), delayMs: wholeFrom(0, 600_000) }),
  z
    .strictObject({
      kind: z.literal("stale"),
      forMs: wholeFrom(1, maxStaleMs).exactOptional(),
      reads: wholeFrom(1, 1_000_000).exactOptional(),
    })
    .refine(({ forMs, reads }) => (forMs === undefined) !== (reads === undefined), {
      error: "must have `forMs` or `reads`, but not both",
    }),
  z.strictObject({ kind: z.literal("reset"), when: whenSchema }),
  z.strictObject({ kind: z.literal("lost-answer") }),
  z.strictObject({ kind: z.literal("truncate"), bytes: wholeFrom(0, 1_000_000) }),
  z.strictObject({ kind: z.literal("wrong-region"), region: regionSchema }),
  z.strictObject({ kind: z.literal("expired-token") }),
] as const;

const effectSchema = z.discriminatedUnion("kind", effectSchemas, {
  error: ({ code }) =>
    code === "invalid_union"
      ? `must be one of ${list(effectSchemas.map(({ shape }) => shape.kind.value))}`
      : "must be a mapping",
});

const faultSchema = z
  .strictObject(
    {
      bucket: textSchema.exactOptional(),
      operation: z.enum(operations, { error: `must be one of ${list(operations)}` }).exactOptional(),
      calls: z
        .strictObject(
          { from: wholeSchema.min(1, { error: "must be at least 1" }), to: wholeSchema },
          mapping(),
        )
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
  )
  .superRefine(checkOperation);

/** Schema of fault rules, in a seed file or a call. Each message follows the name of its subject. */
export const faultsSchema = z.array(faultSchema, { error: "must be a list" });

/** Returns the error for anything but a mapping; unknown names have their own message. */
export function mapping(): { readonly error: string } {
  return { error: "must be a mapping" };
}

export function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** Rejects a rule that no call can match. */
function checkOperation(
  rule: {
    readonly bucket?: string;
    readonly operation?: Operation;
    readonly effect: { readonly kind: string };
  },
  context: z.RefinementCtx,
): void {
  const { bucket, operation, effect } = rule;
  const refuse = (message: string): void => {
    context.addIssue({ code: "custom", path: ["operation"], message });
  };
  if (operation === undefined) return;
  if (effect.kind === "stale" && operation !== "GetBucketPolicy") {
    refuse("must be `GetBucketPolicy`, or absent, if the effect is `stale`");
  }
  if (operation !== "ListBuckets") return;
  if (effect.kind === "wrong-region") refuse("must be for a bucket if the effect is `wrong-region`");
  else if (bucket !== undefined) refuse("must be for a bucket if the rule has `bucket`");
}

function wholeFrom(least: number, most: number) {
  const error = `must be from ${least} to ${most}`;
  return wholeSchema.min(least, { error }).max(most, { error });
}
