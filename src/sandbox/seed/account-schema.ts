import { createPublicKey, type JsonWebKey } from "node:crypto";
import * as z from "zod";
import type { JsonObject } from "../../policy/json.ts";
import { mapping, textSchema } from "../faults/fault-schema.ts";

export const uidSchema = textSchema.regex(/^\d+$/, { error: "must be a UID: digits only" });

const keySchema = z.strictObject(
  { id: textSchema, secret: textSchema, token: textSchema.exactOptional() },
  mapping(),
);

export const keysSchema = z
  .array(keySchema, { error: "must be a list" })
  .min(1, { error: "must have at least one key" })
  .superRefine(unique("id"));

const policySchema = (error: string) =>
  z.record(z.string(), z.unknown(), { error }).transform((policy) => policy as JsonObject);

// Without a check, a RAM policy with another Statement would count as one that says nothing.
const ramPolicySchema = policySchema("must be a RAM policy").refine(
  ({ Statement: statements }) => Array.isArray(statements),
  { error: "must be a RAM policy with a list as its `Statement`" },
);

const policiesSchema = z.array(ramPolicySchema, { error: "must be a list of RAM policies" });

const userSchema = z.strictObject(
  {
    name: textSchema,
    uid: uidSchema,
    keys: keysSchema.exactOptional(),
    policies: policiesSchema.exactOptional(),
  },
  mapping(),
);

/** Limits of the life of a session, in seconds (RAM docs: CreateRole, MaxSessionDuration). */
const longestSession = [3_600, 43_200] as const;

const roleSchema = z.strictObject(
  {
    // RAM docs: CreateRole.
    name: textSchema.regex(/^[A-Za-z0-9.-]{1,64}$/, {
      error: "must be the name of a role: 1 to 64 of letters, digits, `.` and `-`",
    }),
    id: uidSchema.exactOptional(),
    trust: policySchema("must be a trust policy"),
    policies: policiesSchema.exactOptional(),
    maxSessionSeconds: z
      .int({ error: "must be a whole number" })
      .min(longestSession[0], { error: `must be at least ${longestSession[0]}` })
      .max(longestSession[1], { error: `must be at most ${longestSession[1]}` })
      .exactOptional(),
    sessions: z
      .array(z.strictObject({ name: textSchema, keys: keysSchema }, mapping()), { error: "must be a list" })
      .superRefine(unique("name"))
      .exactOptional(),
  },
  mapping(),
);

const jwkSchema = z
  .record(z.string(), z.unknown(), { error: "must be a JSON Web Key" })
  .refine(isPublicKey, { error: "must be a public key of RSA or EC as a JSON Web Key" });

const oidcProviderSchema = z.strictObject(
  {
    name: textSchema,
    issuer: textSchema,
    clientIds: z
      .array(textSchema, { error: "must be a list" })
      .min(1, { error: "must have at least one client ID" }),
    keys: z
      .array(jwkSchema, { error: "must be a list of JSON Web Keys" })
      .min(1, { error: "must have at least one key" }),
  },
  mapping(),
);

export const accountSchema = z.strictObject(
  {
    uid: uidSchema,
    keys: keysSchema.exactOptional(),
    users: z.array(userSchema, { error: "must be a list" }).superRefine(unique("uid")).exactOptional(),
    roles: z.array(roleSchema, { error: "must be a list" }).superRefine(unique("name")).exactOptional(),
    oidcProviders: z
      .array(oidcProviderSchema, { error: "must be a list" })
      .superRefine(unique("name"))
      .exactOptional(),
  },
  mapping(),
);

function isPublicKey(key: Readonly<Record<string, unknown>>): boolean {
  try {
    const { asymmetricKeyType: type } = createPublicKey({ key: key as JsonWebKey, format: "jwk" });
    return type === "rsa" || type === "ec";
  } catch {
    return false;
  }
}

/** Returns a check that no two items have the same value of a field. */
export function unique<Name extends string>(name: Name) {
  return (items: readonly Readonly<Record<Name, string>>[], context: z.RefinementCtx): void => {
    items.forEach((item, index) => {
      if (items.findIndex((other) => other[name] === item[name]) === index) return;
      context.addIssue({ code: "custom", path: [index, name], message: "occurs twice" });
    });
  };
}
