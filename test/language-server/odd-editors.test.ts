import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { CompletionItem, Diagnostic } from "vscode-languageserver";
import { parseDocument } from "yaml";
import type { LanguageClient } from "../support/language-client.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { account, startClient, tree, web } from "./client.ts";

const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);

describe("findings", () => {
  test("equal those of validate for every example of a rule, and for the example policies", async () => {
    const bad = fileURLToPath(new URL("../lint/bad", import.meta.url));
    const texts = new Map(
      readdirSync(bad, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => [`policies/${name}`, readFileSync(join(bad, name), "utf8")]),
    );
    const example = fileURLToPath(new URL("../../policies", import.meta.url));
    for (const name of readdirSync(example).filter((one) => one.endsWith(".yaml")))
      texts.set(`policies/${name}`, readFileSync(join(example, name), "utf8"));
    // One file is open at a time: the others would be of the same bucket.
    const accountText = texts.get("policies/account.yaml") ?? "";
    const folder = writeTree({ "policies/account.yaml": accountText });
    const client = await startClient(folder);
    const different: string[] = [];
    for (const [file, text] of texts) {
      const shown = await client.open(file, text);
      const { stdout } = await runCli(["validate", "-", "--stdin-path", file, "--json", "-"], {
        folder,
        input: text,
      });
      const { diagnostics } = JSON.parse(stdout) as {
        diagnostics: { code: string; line?: number; column?: number }[];
      };
      const expected = diagnostics.filter(({ line }) => line !== undefined);
      const found = shown.map(({ code, range: { start } }) => ({
        code,
        line: start.line + 1,
        column: start.character + 1,
      }));
      const places = expected.map(({ code, line, column }) => ({ code, line, column }));
      if (JSON.stringify(found) !== JSON.stringify(places))
        different.push(`${file} ${JSON.stringify([found, places])}`);
      await client.connection.sendNotification("textDocument/didClose", {
        textDocument: { uri: client.uriOf(file) },
      });
    }
    expect(texts.size).toBeGreaterThan(90);
    expect(different).toEqual([]);
  });

  test("come with an account.yaml that is written after the start, and go with it", async () => {
    const folder = writeTree({ "readme.txt": "" });
    const client = await startClient(folder);
    const wrong = "bucket: web\npolicy: none\nregon: cn-hangzhou\n";
    void client.open("iam/web.yaml", wrong);
    const changes = [{ uri: client.uriOf("iam/account.yaml"), type: 1 }];
    mkdirSync(join(folder, "iam"));
    writeFileSync(join(folder, "iam/account.yaml"), account);
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    expect(codes(await client.until("iam/web.yaml", (found) => found.length > 0))).toEqual(["unknown-key"]);
    rmSync(join(folder, "iam/account.yaml"));
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    await client.until("iam/web.yaml", (found) => found.length === 0);
  });

  test("of a workspace that is a folder inside of a tree", async () => {
    const folder = writeTree({ ...tree, "policies/team/one.yaml": "" });
    const client = await startClient(folder, [join(folder, "policies/team")]);
    const found = await client.open("policies/team/one.yaml", "bukcet: one\npolicy: none\n");
    expect(found.map(({ code }) => code)).toEqual(["unknown-key"]);
  });

  test("of a file in the working folder, for an editor without a workspace", async () => {
    const client = await startClient(writeTree(tree), []);
    const found = await client.open("policies/web.yaml", web.replace("${reader}", "${raeder}"));
    expect(codes(found)).toEqual(["variable"]);
  });
});

describe("at the cursor", () => {
  test("what completion inserts keeps a valid file valid, wherever the cursor is", async () => {
    const client = await startClient(writeTree(tree));
    const file = "policies/web.yaml";
    const texts = [web, web.replaceAll("\n", "\r\n")];
    const broken: string[] = [];
    await client.open(file, "");
    for (const text of texts) {
      await client.change(file, text);
      for (const [line, before] of text.split("\n").entries()) {
        for (let character = 0; character <= before.length; character += 1) {
          const items = await client.ask<CompletionItem[] | null>("completion", file, {
            position: { line, character },
          });
          // Actions are many, and of one form.
          for (const { textEdit } of (items ?? []).slice(0, 12)) {
            if (textEdit === undefined || !("range" in textEdit)) continue;
            const { range, newText } = textEdit;
            const after =
              before.slice(0, range.start.character) + newText + before.slice(range.end.character);
            const whole = text.split("\n").with(line, after).join("\n");
            if (parseDocument(whole, { uniqueKeys: false }).errors.length > 0) broken.push(after);
          }
        }
      }
    }
    expect(broken).toEqual([]);
    expect(client.logged).toEqual([]);
  });

  test("a line of 200,000 braces, and places that no line has, are answered in a moment", async () => {
    const client = await startClient(writeTree(tree));
    const text = `${web}# ${"}".repeat(200_000)}`;
    await client.open("policies/web.yaml", text);
    const start = performance.now();
    for (const position of [
      { line: 10, character: 200_000 },
      { line: 9_999, character: 0 },
      { line: 4_294_967_295, character: 4_294_967_295 },
    ])
      for (const method of ["hover", "completion", "definition"])
        await client.ask(method, "policies/web.yaml", { position });
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(client.logged).toEqual([]);
  });
});

describe("the end:", () => {
  test.each([
    ["stdin is closed", (client: LanguageClient) => client.connection.end()],
    [
      "the editor exits without a shutdown",
      (client: LanguageClient) => client.connection.sendNotification("exit"),
    ],
  ])("after %s the process ends with 1", async (_, end) => {
    const client = await startClient(writeTree(tree));
    await client.open("policies/web.yaml", web);
    void end(client);
    expect(await client.exited).toBe(1);
  });
});
