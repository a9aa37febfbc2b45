import { globMatches } from "../../policy/glob.ts";
import { parseResource } from "../../policy/resource.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const resourceOwner: Rule = {
  code: "resource-owner",
  severity: "error",
  summary: "a resource whose owner is not the account that owns the bucket",
  explanation: `The fourth part of a resource is the UID of the bucket owner, or * (OSS docs: policy syntax). OSS stores other UIDs, as
its SDKs' tests show, and their effect is not documented. Most likely the resource matches nothing. The UID of the user
who gets access belongs in Principal.

Fix: write the UID of account.yaml, or *.`,
  check: ({ bucket: { account }, statements }) =>
    statements
      .flatMap((statement) => statement.resources)
      .flatMap((word) => {
        const { text, span } = word;
        const resource = parseResource(text);
        if (resource?.kind !== "named" || isOwner(resource.owner, account.uid)) return [];
        const owner = resource.owner === "" ? "no owner" : `the owner \`${resource.owner}\``;
        const message = `\`${text}\` has ${owner}, and \`${account.uid}\` owns the bucket`;
        const meant = `acs:oss:${resource.region}:${account.uid}:${resource.name}`;
        return [{ message, span, help: `write \`${meant}\``, ...replacing(word, meant) }];
      }),
};

/** Reports whether an owner matches the UID. A UID masked as `1746****` is left to double-wildcard. */
function isOwner(owner: string, uid: string): boolean {
  return globMatches(owner, uid) || owner.includes("**");
}
