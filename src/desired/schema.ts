import { en } from "zod/locales";
import * as z from "zod/mini";
import { credentials } from "./credential-schema.ts";
import { accepts, described, expects, guardrails, operators, severities } from "./guard-schema.ts";
import { interpretationsName } from "./interpretations-schema.ts";

// zod/mini has messages of its own only where they are asked for.
z.config(en());

const region = described(
  z
    .string("a region is a string such as `cn-hangzhou`")
    .check(
      z.regex(
        /^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/,
        "not the shape of a region: write it as OSS's short form, such as `cn-hangzhou`",
      ),
    ),
  "Region in its short form, such as cn-hangzhou.",
);

const bucketName = z
  .string("a bucket name is a string")
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      "not a bucket name: 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
    ),
  );

const variableName = z
  .string()
  .check(
    z.regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "a name begins with a letter and holds letters, digits, `-` and `_`"),
  );

const vars = z.record(
  variableName,
  z.union([z.string(), z.array(z.string())], "a variable is a string, or a list of strings"),
  "vars is a map of names to strings or lists of strings",
);

export const limitKeys = ["change", "delete", "abandon"];

const limit = z.strictObject(
  {
    count: described(
      z.optional(z.int("a count is a whole number").check(z.minimum(0, "a count is a whole number from 0"))),
      "Maximum of buckets in one run.",
    ),
    percent: described(
      z.optional(
        z
          .number("a percentage is a number from 0 to 100")
          .check(
            z.minimum(0, "a percentage is a number from 0 to 100"),
            z.maximum(100, "a percentage is a number from 0 to 100"),
          ),
      ),
      "Maximum in percent of the buckets that have a file.",
    ),
  },
  "a limit is `{ count: N }`, `{ percent: N }` or both",
);

/** Schema of an account.yaml. */
export const accountSchema = described(
  z.strictObject({
    account: described(
      z
        .string("an account is a UID in quotes")
        .check(z.regex(/^[0-9]{1,32}$/, 'an account is a UID, all digits, such as `"1746495857600001"`')),
      "UID of the bucket owner, in quotes.",
    ),
    name: described(
      z.optional(z.string("a name is a string").check(z.minLength(1, "a name is not empty"))),
      "Name of the account, which --account accepts.",
    ),
    region: described(z.optional(region), "Default region of the buckets, such as cn-hangzhou."),
    scope: described(
      z.optional(z.enum(["listed", "all"], "scope is `listed` or `all`")),
      "listed: only buckets that have a file; all: also report buckets that have a policy but no file.",
    ),
    identities: described(
      z.optional(
        z.record(
          variableName,
          z
            .string("an identity is a UID or a role's ARN, in quotes")
            .check(
              z.regex(
                /^([0-9]+|arn:sts::.+)$/,
                "an identity is a UID, all digits, or an ARN that begins with `arn:sts::`",
              ),
            ),
          "identities is a map of names to UIDs and ARNs",
        ),
      ),
      "Names for UIDs and role ARNs: usable in policies as ${name}.",
    ),
    vars: described(
      z.optional(vars),
      "Variables for all policies of the account: a string, or a list of strings.",
    ),
    credentials,
    operators,
    limits: described(
      z.optional(
        z.strictObject(
          {
            change: described(
              z.optional(limit),
              "Updates and deletes. Default: 30 percent, from 10 buckets on.",
            ),
            delete: described(z.optional(limit), "Deletes. Default: 10 percent, from 10 buckets on."),
            abandon: described(
              z.optional(limit),
              "Buckets whose file is gone since --base. Default: 10 percent, from 10 buckets on.",
            ),
          },
          "limits is a map of `change`, `delete` and `abandon`",
        ),
      ),
      "How much of the account one run may change. Above a limit, apply writes no bucket of the account.",
    ),
    hazards: severities,
    guardrails,
    interpretations: interpretationsName,
  }),
  "Account folder: the folder of this file and all folders below it, down to the next account.yaml.",
);

/** Schema of a bucket file. The content of `policy` is in the policy language, which lint checks. */
export const bucketSchema = described(
  z.strictObject({
    bucket: described(z.optional(bucketName), "Name of the bucket."),
    buckets: described(
      z.optional(
        z
          .array(bucketName, "buckets is a list of bucket names")
          .check(
            z.minLength(1, "buckets names at least one bucket"),
            z.maxLength(1_000, "buckets names at most 1,000 buckets"),
          ),
      ),
      "Names of several buckets with the same policy, in which ${bucket} is the name of each.",
    ),
    region: described(z.optional(region), "Region of the bucket, if it is not the account's region."),
    vars: described(z.optional(vars), "Variables of this file, which override those of the account."),
    use: described(
      z.optional(
        z
          .array(z.string("a statement set is named by a string"), "use is a list of names of statement sets")
          .check(
            z.minLength(1, "use names at least one statement set"),
            z.maxLength(50, "use names at most 50 statement sets"),
          ),
      ),
      "Statement sets, from _sets/NAME.yaml in the nearest folder upward; appended to the policy.",
    ),
    policy: described(
      z.optional(
        z.union(
          [z.literal("none"), z.record(z.string(), z.unknown())],
          "a policy is a map with Version and Statement, or the word `none`",
        ),
      ),
      "Bucket policy in OSS's own language, or none for no policy.",
    ),
    expect: expects,
    accept: accepts,
  }),
  "Desired policy of a bucket.",
);

/** Schema of a statement set: a file in a `_sets` folder. */
export const setSchema = described(
  z.strictObject({
    Statement: described(z.array(z.unknown(), "Statement is a list of statements"), "Statements of the set."),
  }),
  "Statement set, for `use`.",
);
