import { join, parse } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  DidChangeWatchedFilesNotification,
  MarkupKind,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type Position,
  type ServerCapabilities,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { maxCharacters } from "../desired/yaml.ts";
import type { Environment } from "../git/environment.ts";
import { isWithin, treeRootOf } from "../pipeline/tree-root.ts";
import { actionsIn, shownDiagnostic, type FileFindings } from "./actions.ts";
import { completionsAt } from "./completion.ts";
import { cursorAt } from "./cursor.ts";
import { definitionAt } from "./definition.ts";
import { Head } from "./head.ts";
import { hoverAt } from "./hover.ts";
import { bugText } from "../system-error.ts";
import { lensOf } from "./lens.ts";
import { OpenTree } from "./open-tree.ts";
import { rangeOf } from "./positions.ts";
import { symbolsIn } from "./symbols.ts";

/** Settings of a server. */
export interface ServerOptions {
  /** Folder of the policy files in each folder of the workspace. */
  readonly policies: string;
  /** Absolute path of the folder that counts for an editor without a workspace. */
  readonly folder: string;
  readonly env: Environment;
  readonly today: string;
  readonly version: string;
}

const capabilities: ServerCapabilities = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  codeActionProvider: { codeActionKinds: ["quickfix", "source.fixAll"] },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['"', "{", ":", " ", "-"] },
  definitionProvider: true,
  documentSymbolProvider: true,
  codeLensProvider: {},
};

/** Policy file that is open in the editor. */
interface OpenFile {
  readonly tree: OpenTree;
  readonly path: string;
}

/** Serves an editor until it disconnects. A request that fails is reported to the editor's log, and has no answer. */
export function startServer(connection: Connection, options: ServerOptions): void {
  const server = new Server(connection, options);
  server.listen();
}

class Server {
  readonly #connection: Connection;
  readonly #options: ServerOptions;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #trees = new Map<string, OpenTree>();
  readonly #findings = new Map<string, FileFindings>();
  /** Files that are being checked; true if their text changed meanwhile. */
  readonly #checking = new Map<string, boolean>();
  readonly #head: Head;
  #folders: readonly string[] = [];
  #canWatch = false;

  constructor(connection: Connection, options: ServerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#head = new Head(options.env);
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => {
      const watchers = [{ globPattern: "**/*.{yaml,yml}" }];
      if (this.#canWatch)
        void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
    });
    connection.onDidChangeWatchedFiles(() => this.#reload());
    this.#documents.onDidChangeContent(({ document }) => this.#changed(document));
    this.#documents.onDidClose(({ document }) => this.#closed(document));
    this.#listenForRequests();
    this.#documents.listen(connection);
    connection.listen();
  }

  #listenForRequests(): void {
    const connection = this.#connection;
    connection.onCodeAction(({ textDocument: { uri }, range }) =>
      this.#answer(() => {
        const found = this.#findings.get(uri);
        return found === undefined || found.version !== this.#documents.get(uri)?.version
          ? []
          : [...actionsIn(found, range)];
      }),
    );
    connection.onHover(({ textDocument: { uri }, position }) =>
      this.#answer(() => {
        const found = this.#at(uri, position);
        const value = found && hoverAt(found.file.tree, found.file.path, found.cursor);
        if (found === undefined || value === undefined) return null;
        return { contents: { kind: MarkupKind.Markdown, value }, range: found.cursor.range };
      }),
    );
    connection.onCompletion(({ textDocument: { uri }, position }) =>
      this.#answer(() => {
        const found = this.#at(uri, position);
        return found && [...completionsAt(found.file.tree, found.file.path, found.cursor)];
      }),
    );
    connection.onDefinition(({ textDocument: { uri }, position }) =>
      this.#answer(() => {
        const found = this.#at(uri, position);
        const span = found && definitionAt(found.file.tree, found.file.path, found.cursor);
        return span && { uri: pathToFileURL(span.file).href, range: rangeOf(span) };
      }),
    );
    connection.onDocumentSymbol(({ textDocument: { uri } }) =>
      this.#answer(() => {
        const file = this.#fileOf(uri);
        const text = this.#documents.get(uri)?.getText();
        return file === undefined || text === undefined ? [] : [...symbolsIn(text, file.path)];
      }),
    );
    connection.onCodeLens(({ textDocument: { uri } }) =>
      this.#answer(() => {
        const file = this.#fileOf(uri);
        const before = file && this.#head.bucketsIn(file.tree.root, file.path);
        return file === undefined || before === undefined
          ? []
          : [...lensOf(file.tree.bucketsIn(file.path), before, "HEAD")];
      }),
    );
  }

  #initialize({ workspaceFolders, capabilities: client }: InitializeParams) {
    this.#folders = (workspaceFolders ?? []).flatMap(({ uri }) => pathOf(uri) ?? []);
    this.#canWatch = client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return { capabilities, serverInfo: { name: "oss-policy", version: this.#options.version } };
  }

  /** A request that cannot be answered must not end the server: the text of a half-typed file can be anything. */
  #answer<T>(answer: () => T): T | null {
    try {
      return answer();
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  #report(error: unknown): void {
    this.#connection.console.error(`internal error: ${bugText(error)}`);
  }

  #at(uri: string, position: Position) {
    const file = this.#fileOf(uri);
    const text = this.#documents.get(uri)?.getText();
    if (file === undefined || text === undefined || text.length > maxCharacters) return undefined;
    return { file, cursor: cursorAt(text, position) };
  }

  /** Returns the tree that a document belongs to; undefined for a document that is no policy file. */
  #fileOf(uri: string): OpenFile | undefined {
    const path = pathOf(uri);
    if (path === undefined || !/\.ya?ml$/i.test(path)) return undefined;
    const top = this.#folders.find((folder) => isWithin(path, folder)) ?? this.#options.folder;
    const policies = join(top, this.#options.policies);
    // The workspace may be a folder of a tree.
    const root = treeRootOf(path, policies, top) ?? treeRootOf(path, policies, parse(path).root);
    if (root === undefined) return undefined;
    const known = this.#trees.get(root);
    if (known !== undefined) return { tree: known, path };
    const tree = new OpenTree(root);
    this.#trees.set(root, tree);
    // What is wrong between files is known when all are parsed.
    void this.#checkAll(tree);
    return { tree, path };
  }

  #changed(document: TextDocument): void {
    const file = this.#answer(() => this.#fileOf(document.uri));
    if (file === null || file === undefined) return;
    this.#answer(() => file.tree.edit(file.path, document.getText()));
    void this.#check(document.uri).then(() => {
      this.#checkOpen(file.tree, document.uri);
      if (file.tree.isShared(file.path)) void this.#checkAll(file.tree);
    });
  }

  /** Checks the open files again once all files of their tree are parsed. */
  async #checkAll(tree: OpenTree): Promise<void> {
    try {
      await tree.parseAll();
      this.#checkOpen(tree);
    } catch (error) {
      this.#report(error);
    }
  }

  #closed({ uri }: TextDocument): void {
    const file = this.#answer(() => this.#fileOf(uri));
    this.#clear(uri);
    if (file === null || file === undefined) return;
    this.#answer(() => file.tree.edit(file.path, undefined));
    this.#checkOpen(file.tree);
  }

  #reload(): void {
    for (const tree of this.#trees.values()) this.#answer(() => tree.reload());
    for (const document of this.#documents.all()) this.#place(document);
    for (const tree of this.#trees.values()) {
      this.#checkOpen(tree);
      void this.#checkAll(tree);
    }
  }

  /** Puts an open file into its tree, which changes when an account.yaml comes or goes. */
  #place(document: TextDocument): void {
    const file = this.#answer(() => this.#fileOf(document.uri));
    if (file === null) return;
    if (file === undefined) return this.#clear(document.uri);
    const text = document.getText();
    if (file.tree.textOf(file.path) !== text) this.#answer(() => file.tree.edit(file.path, text));
  }

  #clear(uri: string): void {
    this.#findings.delete(uri);
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  /** Checks the open files of a tree, except for one that was just checked. */
  #checkOpen(tree: OpenTree, except?: string): void {
    for (const { uri } of this.#documents.all())
      if (uri !== except && this.#answer(() => this.#fileOf(uri))?.tree === tree) void this.#check(uri);
  }

  /** Checks a file until its text no longer changes meanwhile. */
  async #check(uri: string): Promise<void> {
    if (this.#checking.has(uri)) {
      this.#checking.set(uri, true);
      return;
    }
    do {
      this.#checking.set(uri, false);
      await this.#publish(uri);
    } while (this.#checking.get(uri) === true);
    this.#checking.delete(uri);
  }

  async #publish(uri: string): Promise<void> {
    const document = this.#documents.get(uri);
    const file = this.#answer(() => this.#fileOf(uri));
    if (document === undefined || file === null || file === undefined) return;
    const { version } = document;
    try {
      const findings = await file.tree.findingsIn(file.path, this.#options.today);
      if (this.#documents.get(uri)?.version !== version) return;
      this.#findings.set(uri, { uri, version, findings });
      await this.#connection.sendDiagnostics({ uri, version, diagnostics: findings.map(shownDiagnostic) });
    } catch (error) {
      this.#report(error);
    }
  }
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
