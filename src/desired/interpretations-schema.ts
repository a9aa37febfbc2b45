import * as z from "zod/mini";
import { described } from "./guard-schema.ts";

/** Value of `interpretations` in an account.yaml: a file beside it, so that no path leaves the tree. */
export const interpretationsName = described(
  z.optional(
    z
      .string("interpretations is the name of a file")
      .check(
        z.regex(
          /^(?:[A-Za-z0-9][^\\/]*\.)?interpretations\.ya?ml$/,
          "not `interpretations.yaml` or `NAME.interpretations.yaml`, a file beside account.yaml",
        ),
      ),
  ),
  "File beside this one with what `oss-policy conformance` observed of OSS where its documentation leaves a question open.",
);

const text = (what: string) => z.string(`${what} is a string`).check(z.minLength(1, `${what} is not empty`));

const texts = (what: string) => z.record(z.string(), text("a value"), `${what} is a map of names to texts`);

/** Schema of a file of interpretations, which `conformance` writes. */
export const interpretationsSchema = described(
  z.strictObject({
    version: described(
      z.literal("1", 'the version of the file is `"1"`, in quotes'),
      'Version of the file: "1".',
    ),
    date: described(
      z
        .string("date is a day such as 2026-11-28")
        .check(z.regex(/^\d{4}-\d{2}-\d{2}$/, "date is a day such as 2026-11-28")),
      "Day of the observation, such as 2026-11-28.",
    ),
    region: described(
      z
        .string("a region is a string such as `cn-hangzhou`")
        .check(
          z.regex(
            /^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/,
            "not the shape of a region: write it as OSS's short form, such as `cn-hangzhou`",
          ),
        ),
      "Region in which it was observed.",
    ),
    account: described(
      z
        .string("an account is a UID in quotes")
        .check(z.regex(/^[0-9]{1,32}$/, 'an account is a UID, all digits, such as `"1746495857600001"`')),
      "UID of the owner of the scratch bucket, in quotes.",
    ),
    bucket: described(text("bucket"), "Scratch bucket."),
    endpoint: described(z.optional(text("endpoint")), "OSS, or the address that was called in its place."),
    tool: described(text("tool"), "Version of oss-policy that observed it."),
    observed: described(texts("observed"), "Open questions that are settled, each with its position."),
    unsettled: described(z.optional(texts("unsettled")), "Questions that stay open, each with the reason."),
    cases: described(z.optional(texts("cases")), "What each case observed. The analysis does not use it."),
  }),
  "What was observed of OSS where its documentation leaves a question open.",
);
