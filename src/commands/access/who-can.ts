import { isFailed } from "../../result.ts";
import { namesOf } from "../../desired/account-file.ts";
import { whoCan } from "../../proof/access-queries.ts";
import { problemOf } from "../../proof/expectations.ts";
import { accessJson } from "../../report/json/access.ts";
import { renderAllowed } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { placeOf, readAsText } from "./place.ts";
import { problem, type AccessReply } from "./reply.ts";
import { onePolicy } from "./policies.ts";

/** Answers who is allowed an action on a resource. */
export async function whoCanReply(
  [action = "", resource = "", ...more]: readonly string[],
  run: Run,
): Promise<AccessReply> {
  if (resource === "" || more.length > 0)
    return problem(
      "who-can takes an action and a resource",
      "write `access who-can oss:GetObject BUCKET/KEY`",
    );
  const place = placeOf(resource, action, run.options);
  if (isFailed(place)) return place;
  const odd = problemOf(
    { principal: "*", actions: [action], to: place.key, context: new Map() },
    place.bucket,
  );
  if (odd !== undefined) return problem(odd.message, odd.help);
  const found = await onePolicy(place.bucket, run);
  if (isFailed(found)) return found;
  const allowed = whoCan(found.policy, action, place.key);
  const lines = renderAllowed(allowed, run.out.style, namesOf(place.bucket.account));
  return {
    text: `${action} on ${resource}${readAsText(place)} is allowed to:\n${lines.join("\n")}\n`,
    json: { allowed: accessJson(allowed) },
  };
}
