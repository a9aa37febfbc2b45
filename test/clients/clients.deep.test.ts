import { expect, test } from "vitest";
import { allFine, runClient, signings } from "../support/client-runs.ts";
import { describeWith } from "../support/describe-with.ts";

describeWith("oss-python", "the SDKs of Python", (python) => {
  test.each(signings)("oss2, %s with a %s", async (...signing) => {
    expect(await runClient([python, "oss2_client.py"], signing)).toEqual(allFine());
  });

  // In V1 it sends the token of a session in a header that OSS does not document.
  const documented = signings.filter(([version, credentials]) => version === "v4" || credentials === "key");
  test.each(documented)("alibabacloud-oss-v2, %s with a %s", async (...signing) => {
    expect(await runClient([python, "alibabacloud_oss_v2_client.py"], signing)).toEqual(allFine());
  });
});

describeWith("oss-go", "the SDK of Go", (client) => {
  test.each(signings)("Go SDK v2, %s with a %s", async (...signing) => {
    expect(await runClient([client], signing)).toEqual(allFine());
  });

  test.each(signings)("Go SDK v1, as Terraform's provider calls it, %s with a %s", async (...signing) => {
    const steps = [
      "PutBucket",
      "GetBucketInfo",
      "settings",
      "BucketAcl",
      "BucketPolicy",
      "BucketTagging",
      "PutObject",
      "CopyObject",
      "ListObjects",
      "signed URLs",
      "DeleteObjects",
      "DeleteBucket",
    ];
    const lines = await runClient([client, "terraform"], signing);
    expect(lines).toEqual(steps.map((step) => `ok ${step}`));
  });
});
