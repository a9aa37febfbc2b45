import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver/node";

/** An editor that talks to the language server in a process of its own, over stdio. */
export interface LanguageClient {
  readonly connection: ProtocolConnection;
  open(file: string, text: string): Promise<readonly Diagnostic[]>;
  change(file: string, text: string): Promise<readonly Diagnostic[]>;
  /** Asks about a file: `textDocument/` and the rest of the method. */
  ask<T>(method: string, file: string, more?: object): Promise<T>;
  /** Waits for findings of a file that meet a condition. */
  until(file: string, isMet: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  uriOf(file: string): string;
  /** What the server reported to the editor's log. */
  readonly logged: readonly string[];
  readonly exited: Promise<number | null>;
  stop(): void;
}

/** Starts a server in a folder, which is the workspace unless others are; `cli` is the built tool. */
export async function startClient(
  folder: string,
  cli: string,
  workspace: readonly string[] = [folder],
): Promise<LanguageClient> {
  const server = spawn(process.execPath, [cli, "lsp"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => server.once("exit", resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const latest = new Map<string, PublishDiagnosticsParams>();
  const listeners = new Set<() => void>();
  const logged: string[] = [];
  const versions = new Map<string, number>();
  connection.onNotification("textDocument/publishDiagnostics", (found: PublishDiagnosticsParams) => {
    latest.set(found.uri, found);
    for (const listener of listeners) listener();
  });
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
    logged.push(message);
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: workspace.map((one) => ({ uri: pathToFileURL(one).href, name: "test" })),
    capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
  });
  await connection.sendNotification("initialized", {});

  const uriOf = (file: string) => pathToFileURL(join(folder, file)).href;
  const wait = (file: string, isMet: (found: PublishDiagnosticsParams) => boolean) =>
    new Promise<readonly Diagnostic[]>((resolve) => {
      const listener = () => {
        const found = latest.get(uriOf(file));
        if (found === undefined || !isMet(found)) return;
        listeners.delete(listener);
        resolve(found.diagnostics);
      };
      listeners.add(listener);
      listener();
    });
  const send = async (method: string, file: string, text: string) => {
    const version = (versions.get(file) ?? 0) + 1;
    versions.set(file, version);
    const textDocument = { uri: uriOf(file), version };
    await connection.sendNotification(
      method,
      version === 1
        ? { textDocument: { ...textDocument, languageId: "yaml", text } }
        : { textDocument, contentChanges: [{ text }] },
    );
    return wait(file, (found) => found.version === version);
  };
  return {
    connection,
    open: (file, text) => send("textDocument/didOpen", file, text),
    change: (file, text) => send("textDocument/didChange", file, text),
    ask: (method, file, more = {}) =>
      connection.sendRequest(`textDocument/${method}`, { textDocument: { uri: uriOf(file) }, ...more }),
    until: (file, isMet) => wait(file, ({ diagnostics }) => isMet(diagnostics)),
    uriOf,
    logged,
    exited,
    stop: () => void server.kill(),
  };
}
