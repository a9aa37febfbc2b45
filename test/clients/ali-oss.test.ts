import { expect, test } from "vitest";
import { allFine, runClient, signings } from "../support/client-runs.ts";

test.each(signings)("ali-oss, %s with a %s", async (...signing) => {
  const lines = await runClient([process.execPath, "ali_oss_client.mjs"], signing);
  // It has no method for Block Public Access.
  expect(lines).toEqual(allFine("BucketPublicAccessBlock"));
});
