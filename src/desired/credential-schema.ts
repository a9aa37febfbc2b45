import * as z from "zod/mini";
import { described } from "./guard-schema.ts";

const roleText = "a role is an ARN such as `acs:ram::1746495857600001:role/oss-policy`";
const roleArn = z.string(roleText).check(z.regex(/^acs:ram::[0-9]{1,32}:role\/[\w.-]{1,64}$/, roleText));
const externalIdText =
  "an external ID is 2 to 1,224 letters, digits and `=`, `,`, `.`, `@`, `:`, `/`, `_`, `-`";
const oneOf = "credentials has one of `role`, `profile` and `ecsRole`";
const instanceText = "ecsRole is the name of a role, not its ARN";

/** Keys of `credentials`. */
export const credentialKeys = ["role", "externalId", "profile", "ecsRole"] as const;

/** Schema of `credentials` in an account.yaml. */
export const credentials = described(
  z.optional(
    z
      .strictObject(
        {
          role: described(
            z.optional(
              z.union(
                [
                  roleArn,
                  z.strictObject({
                    plan: described(roleArn, "Role for everything that only reads."),
                    apply: described(roleArn, "Role for apply and restore."),
                  }),
                ],
                `${roleText}, or \`{ plan: ARN, apply: ARN }\``,
              ),
            ),
            "Role that is assumed with the credentials of the environment, or one to plan and one to apply.",
          ),
          externalId: described(
            z.optional(z.string(externalIdText).check(z.regex(/^[\w=,.@:/-]{2,1224}$/, externalIdText))),
            "External ID that the role's trust policy demands.",
          ),
          profile: described(
            z.optional(
              z.string("a profile is a name").check(z.regex(/^\S(.{0,126}\S)?$/, "a profile is a name")),
            ),
            "Profile of the aliyun CLI, from ~/.aliyun/config.json.",
          ),
          ecsRole: described(
            z.optional(z.string(instanceText).check(z.regex(/^[\w.-]{1,64}$/, instanceText))),
            "Role of the ECS instance on which the tool runs.",
          ),
        },
        oneOf,
      )
      .check(
        z.refine(
          ({ role, profile, ecsRole }) =>
            [role, profile, ecsRole].filter((one) => one !== undefined).length === 1,
          oneOf,
        ),
        z.refine(
          ({ role, externalId }) => externalId === undefined || role !== undefined,
          "externalId belongs to a `role`",
        ),
      ),
  ),
  "Credentials to use for this account. Without it, those of the environment.",
);
