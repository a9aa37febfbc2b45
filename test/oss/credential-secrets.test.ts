import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CredentialRecipe } from "../../src/oss/credential-recipe.ts";
import { oidcRecipe, planRole, providerOf } from "../support/credentials.ts";
import { writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";
import { answerJson, sessionOf, startSts, type StsAnswer, type StsCall } from "../support/sts.ts";

/** Everything that a call brought, as a server might repeat it. */
function all({ method, path, query, form, headers }: StsCall): string {
  return JSON.stringify({ method, path, query: [...query], form: [...form], headers });
}

const echoes: readonly StsAnswer[] = [
  (call, response) => answerJson(response, 403, { Code: all(call), Message: all(call) }),
  (call, response) => answerJson(response, 400, { Code: "NoPermission", Message: all(call) }),
  (call, response) =>
    answerJson(response, 403, { Code: call.form.get("OIDCToken") ?? call.headers.authorization }),
  (call, response) => answerJson(response, 403, { Code: call.headers["x-acs-security-token"] ?? "x" }),
  (call, response) => answerJson(response, 500, { Code: all(call) }),
  (call, response) => response.end(`<html>${all(call)}</html>`),
  (call, response) => response.writeHead(403).end(all(call)),
  (call, response) =>
    answerJson(response, 200, { Credentials: { ...sessionOf("marked"), Expiration: all(call) } }),
  (_, response) =>
    answerJson(response, 200, { Credentials: { ...sessionOf("marked"), SecurityToken: "a b" } }),
];

const word = fc.stringMatching(/^[A-Za-z0-9]{30,60}$/);
const codeLike = fc.stringMatching(/^[A-Za-z]{10}\.[A-Za-z0-9.]{30,50}$/);

describe("no failing exchange shows a secret", () => {
  test("of a key, a token or an OIDC token, whatever the server repeats", async () => {
    let answer: StsAnswer = () => undefined;
    const sts = await startSts((...call) => answer(...call));
    const property = fc.asyncProperty(
      fc.record({
        secret: word,
        token: fc.oneof(word, codeLike),
        echo: fc.constantFrom(...echoes),
        isOidc: fc.boolean(),
      }),
      async ({ secret, token, echo, isOidc }) => {
        answer = echo;
        const folder = writeTree({ token });
        const keys: CredentialRecipe = {
          kind: "keys",
          credentials: { accessKeyId: "LTAI-key-of-the-test", accessKeySecret: secret, securityToken: token },
        };
        const role = { arn: planRole, sessionName: "oss-policy", durationSeconds: 3_600 };
        const recipe = isOidc
          ? oidcRecipe(join(folder, "token"))
          : { kind: "role" as const, role, from: keys };
        const opened = providerOf(recipe, sts.url);
        opened.secrets.add([secret, token], ["LTAI-key-of-the-test"]);
        const shown = JSON.stringify(await opened.provider.current());
        expect(shown).toContain("problem");
        for (const mark of [secret, token, "LTAI-key", "marked-session"])
          expect(shown).not.toContain(mark.slice(0, 14));
        expect(shown).not.toMatch(/[\da-f]{40}/);
      },
    );
    await fc.assert(property, { numRuns: runs(60) });
  });

  test("what STS gave is a secret of the run from then on, also a session before", async () => {
    const sts = await startSts((_, response, index) =>
      answerJson(response, 200, { Credentials: sessionOf(`session${index}`) }),
    );
    const { provider, secrets, clock } = providerOf(
      oidcRecipe(join(writeTree({ token: "oidc-token-of-a-job" }), "token")),
      sts.url,
    );
    await provider.current();
    clock.pass(58 * 60_000);
    await provider.current();
    for (const name of ["session0", "session1"])
      for (const value of Object.values(sessionOf(name)).slice(0, 3)) {
        expect(secrets.clean(`say ${value}`)).toBe("say [removed]");
        expect(secrets.clean(Buffer.from(`say ${value}`).toString("base64"))).toContain("[removed]");
      }
    expect(secrets.clean("say oidc-token-of-a-job")).toBe("say [removed]");
    expect(secrets.isIn(sessionOf("session0")["SecurityToken"] ?? "")).toBe(true);
  });
});
