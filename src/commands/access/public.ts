import { isFailed } from "../../result.ts";
import { publicIn } from "../../proof/access-queries.ts";
import { accessJson } from "../../report/json/access.ts";
import { renderAllowed } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { allPolicies } from "./policies.ts";
import { foundText, problem, type AccessReply } from "./reply.ts";

/** Answers what anonymous callers are allowed. */
export async function publicReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("public takes no words", "narrow it with --bucket");
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const open = found.all.flatMap(({ bucket, policy }) => {
    const allowed = publicIn(policy);
    return allowed.verdict === "equal" ? [] : [{ name: bucket.bucket, allowed }];
  });
  const lines = open.flatMap(({ name, allowed }) => [
    `${name}: anonymous callers may`,
    ...renderAllowed(allowed, run.out.style),
  ]);
  const text =
    open.length === 0 ? "No policy allows anonymous callers anything (proved).\n" : `${lines.join("\n")}\n`;
  const isDecided = open.map(({ allowed }) => allowed.verdict === "different");
  return {
    text,
    found: foundText([
      [isDecided.filter((is) => is).length, "is public", "are public"],
      [isDecided.filter((is) => !is).length, "is undecided", "are undecided"],
    ]),
    json: () => ({
      buckets: open.map(({ name, allowed }) => ({ bucket: name, access: accessJson(allowed) })),
    }),
  };
}
