import { resolve } from "node:path";
import { createConnection } from "vscode-languageserver/node";
import { startServer } from "../language-server/server.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { toolVersion } from "../run/version.ts";

/** Serves an editor over stdin and stdout. The protocol's library ends the process when the editor disconnects. */
export function lsp({ policies }: Options, io: Io): Promise<number> {
  const { input, output } = io.openStreams();
  const connection = createConnection(input, output);
  const folder = resolve(".");
  startServer(connection, { policies, folder, env: io.env, today: io.today, version: toolVersion });
  return new Promise((end) => connection.onExit(() => end(0)));
}
