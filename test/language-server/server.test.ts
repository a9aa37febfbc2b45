import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Location,
  TextDocumentEdit,
} from "vscode-languageserver";
import { newRepository } from "../support/repository.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { account, shared, startClient, tree, web } from "./client.ts";

const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);
/** The place behind a text, or behind its part before `|`. */
function after(text: string, part: string) {
  const [before = "", rest = ""] = part.split("|");
  const lines = text.slice(0, text.indexOf(before + rest) + before.length).split("\n");
  return { position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
}

describe("findings while typing", () => {
  test("are those of validate, of the text in the editor", async () => {
    const folder = writeTree(tree);
    const client = await startClient(folder);
    const file = "policies/web.yaml";
    expect(await client.open(file, web)).toEqual([]);
    const wrong = web.replace("oss:GetObject", "oss:GetObjct").replace("${reader}", "${raeder}");
    const found = await client.change(file, wrong);
    const { stdout } = await runCli(["validate", "-", "--stdin-path", file, "--json", "-"], {
      folder,
      input: wrong,
    });
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { code: string; line: number; column: number }[];
    };
    const places = diagnostics.map(({ code, line, column }) => ({
      code,
      line: line - 1,
      character: column - 1,
    }));
    expect(found.map(({ code, range: { start } }) => ({ code, ...start }))).toEqual(places);
    expect(found.length).toBeGreaterThan(0);
    expect(await client.change(file, web)).toEqual([]);
  });

  test("of a shared file, and of the open files that depend on it", async () => {
    const client = await startClient(writeTree(tree));
    expect(await client.open("policies/web.yaml", web)).toEqual([]);
    expect(await client.open("policies/_sets/shared.yaml", shared)).toEqual([]);
    void client.change("policies/_sets/shared.yaml", shared.replace("Deny", "Dny"));
    const broken = await client.until("policies/_sets/shared.yaml", (found) => found.length > 0);
    expect(codes(broken)).toEqual(["policy-shape"]);
    await client.open("policies/account.yaml", account);
    await client.change("policies/account.yaml", account.replace("reader", "writer"));
    await client.until("policies/web.yaml", (found) => codes(found).includes("variable"));
    await client.change("policies/account.yaml", account);
    await client.change("policies/_sets/shared.yaml", shared);
    await client.until("policies/web.yaml", (found) => found.length === 0);
  });

  test("a bucket with two files is shown in both, and gone once one is renamed away", async () => {
    const folder = writeTree({ ...tree, "policies/twin.yaml": "bucket: web\npolicy: none\n" });
    const client = await startClient(folder);
    await client.open("policies/web.yaml", web);
    await client.open("policies/twin.yaml", "bucket: web\npolicy: none\n");
    for (const file of ["policies/web.yaml", "policies/twin.yaml"])
      await client.until(file, (found) => codes(found).includes("duplicate-bucket"));
    const textDocument = { uri: client.uriOf("policies/twin.yaml") };
    await client.connection.sendNotification("textDocument/didClose", { textDocument });
    renameSync(join(folder, "policies/twin.yaml"), join(folder, "twin.txt"));
    const changes = [{ uri: textDocument.uri, type: 3 }];
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    expect(await client.until("policies/web.yaml", (found) => found.length === 0)).toEqual([]);
  });

  test("a file outside of every tree has none, and a new file in the tree has its own", async () => {
    const folder = writeTree({ ...tree, "work flows/文件.yaml": "on: push\n" });
    const client = await startClient(folder);
    await client
      .open("policies/new.yaml", "bucket: new-one\npolcy: none\n")
      .then((found) => expect(codes(found)).toEqual(["unknown-key"]));
    void client.open("work flows/文件.yaml", "on: push\n");
    expect(await client.ask("documentSymbol", "work flows/文件.yaml")).toEqual([]);
    expect(
      await client.ask("hover", "work flows/文件.yaml", { position: { line: 0, character: 1 } }),
    ).toBeNull();
    expect(client.logged).toEqual([]);
  });

  test("a file that is typed character by character has an answer to everything, and ends clean", async () => {
    const client = await startClient(writeTree({ ...tree, "policies/web.yaml": "" }));
    const file = "policies/web.yaml";
    await client.open(file, web.slice(0, 1));
    for (let end = 2; end <= web.length; end += 1) {
      const text = web.slice(0, end);
      void client.change(file, text);
      const lines = text.split("\n");
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      if (end % 7 !== 0) continue;
      await client.ask("completion", file, { position });
      await client.ask("hover", file, { position });
      await client.ask("definition", file, { position });
      await client.ask("documentSymbol", file);
      await client.ask("codeAction", file, {
        range: { start: position, end: position },
        context: { diagnostics: [] },
      });
      await client.ask("codeLens", file);
    }
    expect(await client.change(file, web)).toEqual([]);
    expect(client.logged).toEqual([]);
  });
});

describe("at the cursor", () => {
  const hover = async (part: string, text = web) => {
    const client = await startClient(writeTree(tree));
    await client.open("policies/web.yaml", text);
    const found = await client.ask<Hover | null>("hover", "policies/web.yaml", after(text, part));
    return (found?.contents as { value: string } | undefined)?.value;
  };

  test.each([
    ["an action", "oss:Get|Object", "`oss:GetObject`: read, on the object level"],
    ["an identity", "${rea|der}", "`${reader}`: identity: 202147604049350001"],
    ["a variable", "${pre|fix}", "`${prefix}`: variable: logs/"],
    ["a built-in variable", "${buc|ket}", "`${bucket}`: the name of the bucket"],
    ["a condition key", "acs:Secure|Transport", "`acs:SecureTransport` (Bool)"],
    ["an operator", "{ Bo|ol", "`Bool` compares Bool values"],
    ["a key of the file", "Eff|ect", "A Deny overrides every Allow"],
    ["a statement set", "[sha|red]", "statement set with 1 statements"],
  ])("hover explains %s", async (_, part, text) => {
    expect(await hover(part)).toContain(text);
  });

  const complete = async (text: string, part: string) => {
    const client = await startClient(writeTree(tree));
    await client.open("policies/web.yaml", text);
    const items = await client.ask<CompletionItem[]>("completion", "policies/web.yaml", after(text, part));
    return new Map(items.map((item) => [item.label, item]));
  };

  test.each([
    ["keys of the file", "reg", "reg|", "region"],
    [
      "keys of a statement",
      web.replace("      Condition", "      Con\n      Condition"),
      "      Con|\n",
      "Condition",
    ],
    ["effects", web.replace("Effect: Allow", "Effect: A"), "Effect: A|", "Deny"],
    ["actions", web, "oss:Get|Object", "oss:PutObject"],
    ["condition keys", web.replace("acs:SecureTransport", "acs:"), 'acs:|"', "acs:SourceVpc"],
    ["operators", web.replace("{ Bool", "{ Ip"), "{ Ip|", "IpAddress"],
    ["values of a condition", web.replace('"true"', '"t"'), '"t|"', "true"],
    ["identities", web.replace("${reader}", ""), 'Principal: ["|', "${reader}"],
    ["variables", web, "${pre|fix}", "${account}"],
    ["resources", web, '["acs|:oss', "acs:oss:*:${account}:web/*"],
    ["statement sets", web.replace("[shared]", "[sh]"), "[sh|]", "shared"],
  ])("completion offers %s", async (_, text, part, label) => {
    expect([...(await complete(text, part)).keys()]).toContain(label);
  });

  test("what completion inserts is valid where it stands", async () => {
    const text = web.replace('["${reader}"]', "[x]");
    const items = await complete(text, "Principal: [x|");
    expect(items.get("${reader}")?.textEdit).toMatchObject({ newText: '"${reader}"' });
    const variables = await complete(web, "${pre|fix}");
    const { line, character } = after(web, "|${prefix}").position;
    expect(variables.get("${account}")?.textEdit).toEqual({
      newText: "${account}",
      range: { start: { line, character }, end: { line, character: character + "${prefix}".length } },
    });
  });

  test.each([
    ["a statement set", "[sha|red]", "policies/_sets/shared.yaml", 0],
    ["an identity", "${rea|der}", "policies/account.yaml", 3],
    ["a variable", "${pre|fix}", "policies/account.yaml", 5],
  ])("go to definition finds %s", async (_, part, file, line) => {
    const client = await startClient(writeTree(tree));
    await client.open("policies/web.yaml", web);
    const found = await client.ask<Location>("definition", "policies/web.yaml", after(web, part));
    expect([found.uri, found.range.start.line]).toEqual([client.uriOf(file), line]);
  });

  test("a statement set is that of the nearest folder", async () => {
    const files = { ...tree, "policies/team/_sets/shared.yaml": shared, "policies/team/web.yaml": web };
    const client = await startClient(writeTree({ ...files, "policies/web.yaml": "" }));
    await client.open("policies/team/web.yaml", web);
    const place = after(web, "[sha|red]");
    const found = await client.ask<Location>("definition", "policies/team/web.yaml", place);
    expect(found.uri).toBe(client.uriOf("policies/team/_sets/shared.yaml"));
  });

  test("the outline has the keys and the statements", async () => {
    const client = await startClient(writeTree(tree));
    await client.open("policies/web.yaml", web);
    const symbols = await client.ask<DocumentSymbol[]>("documentSymbol", "policies/web.yaml");
    expect(symbols.map(({ name }) => name)).toEqual(["bucket: web", "use", "policy"]);
    expect(symbols[2]?.children?.map(({ name, detail }) => [name, detail])).toEqual([
      ["Allow oss:GetObject", "to ${reader}"],
    ]);
  });
});

describe("code actions", () => {
  test("correct one finding, and everything that is certain", async () => {
    const client = await startClient(writeTree(tree));
    const wrong = web.replace("oss:GetObject", "oss:GetObjct").replace('"${reader}"', "202147604049350001");
    const found = await client.open("policies/web.yaml", wrong);
    const [range] = found.map((one) => one.range);
    const actions = await client.ask<CodeAction[]>("codeAction", "policies/web.yaml", {
      range,
      context: { diagnostics: found },
    });
    expect(actions.map(({ title, kind, isPreferred }) => [title, kind, isPreferred])).toEqual([
      ['write it as `"202147604049350001"`', "quickfix", true],
      ["correct everything in this file that is certain", "source.fixAll", undefined],
    ]);
    const [edit] = actions[1]?.edit?.documentChanges as TextDocumentEdit[];
    expect(edit?.edits.map((one) => ("newText" in one ? one.newText : ""))).toEqual([
      '"202147604049350001"',
      '"oss:GetObject"',
    ]);
    expect(edit?.textDocument.version).toBe(1);
  });
});

describe("the lens above a policy", () => {
  test("says what the file gains and loses against HEAD, and nothing without git", async () => {
    const repository = newRepository();
    repository.commit(tree);
    const client = await startClient(repository.folder);
    await client.open("policies/web.yaml", web);
    const title = async () =>
      (await client.ask<CodeLens[]>("codeLens", "policies/web.yaml"))[0]?.command?.title;
    expect(await title()).toBe("against HEAD: no access changes");
    await client.change(
      "policies/web.yaml",
      web.replace('["oss:GetObject"]', '["oss:GetObject", "oss:PutObject"]'),
    );
    expect(await title()).toBe(
      "against HEAD: gains 1, loses 0: reader can write logs/*, over TLS (oss:PutObject)",
    );
    writeFileSync(join(repository.folder, "policies/web.yaml"), web);
    const bare = await startClient(writeTree(tree));
    await bare.open("policies/web.yaml", web);
    expect(await bare.ask("codeLens", "policies/web.yaml")).toEqual([]);
  });
});

test("shutdown and exit end the process with 0", async () => {
  const client = await startClient(writeTree(tree));
  await client.connection.sendRequest("shutdown");
  await client.connection.sendNotification("exit");
  expect(await client.exited).toBe(0);
});
