import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signV1 } from "../../src/sandbox/auth/signature-v1.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { postForm, type PostedForm } from "../support/post-forms.ts";
import { element, seedOf, signedCall, type RawAnswer } from "../support/sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
});
afterEach(() => sandbox.close());

const post = (form: PostedForm) => postForm(sandbox.port, form);
const read = (key: string) => signedCall(sandbox.port, { bucket: "app", key });

function verdict(answer: RawAnswer): readonly (string | number | undefined)[] {
  return [answer.status, element(answer, "Code"), element(answer, "EC")];
}

describe("conditions of a form", () => {
  const cases: readonly [string, readonly unknown[], number, PostedForm?][] = [
    ["none", [], 204],
    ["the bucket", [{ bucket: "app" }], 204],
    ["another bucket", [{ bucket: "web" }], 403],
    ["an exact key", [["eq", "$key", "up/a.txt"]], 204],
    ["another key", [{ key: "up/b.txt" }], 403],
    ["a prefix", [["starts-with", "$key", "up/"]], 204],
    ["another prefix", [["starts-with", "$key", "down/"]], 403],
    [
      "an empty prefix is any value",
      [["starts-with", "$x-oss-meta-a", ""]],
      204,
      { fields: { "x-oss-meta-a": "1" } },
    ],
    ["a field that is not there", [["starts-with", "$x-oss-meta-a", ""]], 403],
    ["one of a list", [["in", "$content-type", ["text/plain", "text/html"]]], 204],
    ["none of a list", [["not-in", "$content-type", ["text/plain"]]], 403],
    [
      "the status of the answer",
      [["eq", "$success_action_status", "200"]],
      200,
      { fields: { success_action_status: "200" } },
    ],
    [
      "the ACL",
      [["eq", "$x-oss-object-acl", "private"]],
      403,
      { fields: { "x-oss-object-acl": "public-read" } },
    ],
    [
      "case of a field's name",
      [["eq", "$X-OSS-Object-ACL", "private"]],
      204,
      { fields: { "x-oss-object-acl": "private" } },
    ],
    ["a size in the range", [["content-length-range", 5, 5]], 204],
    ["too small", [["content-length-range", 6, 10]], 400],
    ["too large", [["content-length-range", 1, 4]], 400],
    [
      "the key before the file name is put in",
      [["eq", "$key", "up/${filename}"]],
      204,
      { fields: { key: "up/${filename}" } },
    ],
    ["an unknown operator", [["ends-with", "$key", "txt"]], 400],
    ["a range the wrong way round", [["content-length-range", 2, 1]], 400],
    ["a number", [5], 400],
    ["no value", [["eq", "$key"]], 400],
  ];
  test.each(cases)("%s", async (_name, conditions, status, form = {}) => {
    const answer = await post({ ...form, conditions });
    expect(answer.status).toBe(status);
    const isStored = (await read("up/a.txt")).status === 200;
    expect(isStored).toBe(status < 300);
  });

  test("a refusal names its code and the condition", async () => {
    const large = await post({ conditions: [["content-length-range", 1, 4]] });
    expect(verdict(large)).toEqual([400, "EntityTooLarge", "0006-00000003"]);
    const small = await post({ conditions: [["content-length-range", 6, 9]] });
    expect(verdict(small)).toEqual([400, "EntityTooSmall", "0006-00000004"]);
    const failed = await post({ conditions: [["eq", "$key", "x"]] });
    expect(element(failed, "Message")).toBe(
      "Invalid according to Policy: Policy Condition failed: [&quot;eq&quot;,&quot;$key&quot;,&quot;x&quot;]",
    );
  });

  test.each([
    "",
    "e30=",
    "!!",
    Buffer.from('{"expiration":"2030-01-01","conditions":[]}').toString("base64"),
  ])("a policy that is none: %s", async (policy) => {
    const answer = await post({ changed: { policy, Signature: signV1(policy, "sandbox") } });
    expect(answer.status).toBe(400);
  });
});
