import { StreamMessageReader, StreamMessageWriter, createConnection } from "vscode-languageserver/node";
import { startServer } from "../language-server/server.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { toolVersion } from "../run/version.ts";

/** Serves an editor over stdin and stdout, until it disconnects. */
export function lsp({ policies }: Options, io: Io): Promise<number> {
  const { input, output } = io.openStreams();
  const connection = createConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
  startServer(connection, { policies, folder: ".", env: io.env, today: io.today, version: toolVersion });
  return new Promise((resolve) => {
    connection.onExit(() => resolve(0));
    input.once("close", () => resolve(0));
  });
}
