import { describe, expect, test } from "vitest";
import { providerOf, roleRecipe } from "../support/credentials.ts";
import { answerJson, sessionOf, startSts, type StsAnswer } from "../support/sts.ts";

describe("answers that hold no credentials", () => {
  const session = sessionOf("broken");
  const without = (name: string) => ({ Credentials: { ...session, [name]: undefined } });
  test.each<[string, StsAnswer, string]>([
    ["HTML", (_, response) => response.end("<html>Sign in</html>"), "STS sent no complete credentials"],
    ["nothing", (_, response) => response.end(), "STS sent no complete credentials"],
    ["a list", (_, response) => answerJson(response, 200, []), "STS sent no complete credentials"],
    [
      "no secret",
      (_, response) => answerJson(response, 200, without("AccessKeySecret")),
      "no complete credentials",
    ],
    [
      "no token",
      (_, response) => answerJson(response, 200, without("SecurityToken")),
      "no complete credentials",
    ],
    [
      "no end",
      (_, response) => answerJson(response, 200, without("Expiration")),
      "without a valid expiration",
    ],
    [
      "a token that would add a header",
      (_, response) => answerJson(response, 200, { Credentials: { ...session, SecurityToken: "a\r\nb: c" } }),
      "no complete credentials",
    ],
    [
      "an end that has passed",
      (_, response) => answerJson(response, 200, { Credentials: sessionOf("old", -1) }),
      "have already expired",
    ],
    [
      "a redirect",
      (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
      "STS answered 302",
    ],
    ["a page of a proxy", (_, response) => response.writeHead(403).end("<html>"), "STS answered 403"],
    [
      "a code",
      (_, response) => answerJson(response, 404, { Code: "EntityNotExist.Role" }),
      "STS answered 404 EntityNotExist.Role",
    ],
    [
      "a code that is a text",
      (_, response) => answerJson(response, 404, { Code: "a b" }),
      "STS answered 404",
    ],
    [
      "an endless answer",
      (_, response) => response.end("x".repeat(70_000)),
      "the answer of STS is larger than the limit of 64 KiB",
    ],
    ["a reset", (_, response) => response.destroy(), "no complete answer from 127.0.0.1"],
  ])("%s", async (_, answer, message) => {
    const sts = await startSts(answer);
    const { provider } = providerOf(roleRecipe(), sts.url);
    expect(await provider.current()).toMatchObject({
      problem: { message: expect.stringContaining(message) as string },
    });
  });

  test.each<[string, StsAnswer, string]>([
    ["never comes", () => undefined, "STS did not answer in time"],
    [
      "drips",
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(timer));
      },
      "the answer of STS did not end in time",
    ],
  ])("an answer that %s ends in time, and is not waited for by each call", async (_, answer, message) => {
    const sts = await startSts(answer);
    const { provider } = providerOf(roleRecipe(), sts.url, { timeoutMs: 150 });
    const started = Date.now();
    const problems = await Promise.all([provider.current(), provider.current()]);
    const again = await provider.current();
    for (const problem of [...problems, again])
      expect(problem).toMatchObject({ problem: { message: expect.stringContaining(message) as string } });
    expect(sts.calls).toHaveLength(3);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  test("no server is an error with its host and port", async () => {
    const { provider } = providerOf(roleRecipe(), "http://127.0.0.1:9");
    expect(await provider.current()).toMatchObject({
      problem: { message: "cannot connect to 127.0.0.1:9 (ECONNREFUSED)" },
    });
  });
});
