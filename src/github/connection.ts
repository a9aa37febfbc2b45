import type { Connection } from "./api.ts";

type ActionsEnvironment = Readonly<Record<string, string | undefined>>;

/** Returns the connection to GitHub from the variables of Actions, or the problem with them. */
export function checkConnection(env: ActionsEnvironment): Connection | { readonly problem: string } {
  const { GITHUB_API_URL: base = "", GITHUB_TOKEN: token = "", GITHUB_REPOSITORY: repository = "" } = env;
  if (token === "")
    return {
      problem: "the step has no GITHUB_TOKEN; give it one with `env: { GITHUB_TOKEN: ${{ github.token }} }`",
    };
  // If a token had a line break, the error about the invalid header would print it.
  if (!/^[\x21-\x7e]+$/.test(token))
    return { problem: "GITHUB_TOKEN has white space or other invalid characters" };
  if (!isRepository(repository)) return { problem: "GITHUB_REPOSITORY is not `OWNER/NAME`" };
  if (!isAddress(base))
    return {
      problem: "GITHUB_API_URL is not an https address; http is allowed for 127.0.0.1 and localhost only",
    };
  return { base: base.replace(/(?<!\/)\/+$/, ""), token, repository };
}

/** Returns the address of this run's page, which has its artifacts; undefined if the variables do not give one. */
export function runLink(env: ActionsEnvironment): string | undefined {
  const { GITHUB_SERVER_URL: server = "", GITHUB_REPOSITORY: repository = "", GITHUB_RUN_ID: run = "" } = env;
  if (!isAddress(server) || !isRepository(repository) || !/^\d+$/.test(run)) return undefined;
  return `${server.replace(/(?<!\/)\/+$/, "")}/${repository}/actions/runs/${run}`;
}

function isRepository(text: string): boolean {
  return /^[\w-][\w.-]*\/[\w.-]+$/.test(text) && !/(^|\/)\.{1,2}$/.test(text);
}

/** Reports whether an address is safe for the token: plain http would expose it, so it is for the loopback alone. */
function isAddress(text: string): boolean {
  return (
    /^https:\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(text) ||
    /^http:\/\/(localhost|127(\.\d{1,3}){3})(:\d+)?(\/[\w./-]*)?$/.test(text)
  );
}
