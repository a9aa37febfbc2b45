import { isFailed } from "../result.ts";
import { refusal } from "../diagnostic.ts";
import type { Sandbox, SandboxOptions } from "../sandbox/server.ts";
import { failure, success } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput } from "../run/output.ts";
import { readSeed } from "../pipeline/tree-sandbox.ts";

/** Runs the local OSS server until the user stops it. */
export async function sandbox(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const { startSandbox } = await import("../sandbox/server.ts");
  const { defaultSeed, sandboxKey } = await import("../sandbox/seed/seed.ts");
  const read = options.seed === undefined ? { seed: defaultSeed } : await readSeed(options.seed);
  if (isFailed(read)) {
    out.diagnostics(read.problems);
    return out.end(failure("the sandbox did not start"));
  }
  const server = await start(startSandbox, {
    seed: read.seed,
    port: options.port,
    ...(options.state === undefined ? {} : { stateDir: options.state }),
  });
  if (typeof server === "string") {
    out.diagnostics([
      refusal("sandbox", `the sandbox cannot start: ${server}`, "give another --port or --state"),
    ]);
    return out.end(failure("the sandbox did not start"));
  }
  const [key] = read.seed.keys;
  // The secret of a seed file may be one that is used elsewhere.
  const isOwn = key?.secret === sandboxKey.secret;
  out.result(`The sandbox answers at ${server.url} until you stop it.\n`);
  out.result(`Use it from another terminal:\n`);
  out.result(
    `  export OSS_ENDPOINT=${server.url} OSS_ACCESS_KEY_ID=${key?.id ?? ""} OSS_ACCESS_KEY_SECRET=${isOwn ? sandboxKey.secret : "..."}\n`,
  );
  if (!isOwn) out.result("The secret of this key is in the seed file.\n");
  out.result(`Make its calls go wrong: PUT a list of fault rules to ${server.faultsUrl}\n`);
  await io.untilStopped();
  await server.close();
  return out.end(success);
}

async function start(
  startSandbox: (options: SandboxOptions) => Promise<Sandbox>,
  options: SandboxOptions,
): Promise<Sandbox | string> {
  try {
    return await startSandbox(options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
