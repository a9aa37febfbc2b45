import type { Connection } from "./api.ts";

type ActionsEnvironment = Readonly<Record<string, string | undefined>>;

/** Where a run speaks to GitHub, from the variables of Actions; or in words what keeps it from that. */
export function checkConnection(env: ActionsEnvironment): Connection | { readonly problem: string } {
  const { GITHUB_API_URL: base = "", GITHUB_TOKEN: token = "", GITHUB_REPOSITORY: repository = "" } = env;
  if (token === "")
    return {
      problem: "the step has no GITHUB_TOKEN; give it one with `env: { GITHUB_TOKEN: ${{ github.token }} }`",
    };
  // A token with a line break in it would be told by the error of whoever refuses it as a header.
  if (!/^[\x21-\x7e]+$/.test(token)) return { problem: "GITHUB_TOKEN is not one word" };
  if (!isRepository(repository)) return { problem: "GITHUB_REPOSITORY is not `OWNER/NAME`" };
  if (!isAddress(base))
    return { problem: "GITHUB_API_URL is not an https address; http is for 127.0.0.1 and localhost alone" };
  return { base: base.replace(/\/+$/, ""), token, repository };
}

/** The page of this run, where its artifacts are; undefined where the variables do not make one. */
export function runLink(env: ActionsEnvironment): string | undefined {
  const { GITHUB_SERVER_URL: server = "", GITHUB_REPOSITORY: repository = "", GITHUB_RUN_ID: run = "" } = env;
  if (!isAddress(server) || !isRepository(repository) || !/^\d+$/.test(run)) return undefined;
  return `${server.replace(/\/+$/, "")}/${repository}/actions/runs/${run}`;
}

function isRepository(text: string): boolean {
  return /^[\w-][\w.-]*\/[\w.-]+$/.test(text) && !/(^|\/)\.{1,2}$/.test(text);
}

/** Plain http would show the token on the way, so it is for the loopback alone. */
function isAddress(text: string): boolean {
  return (
    /^https:\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(text) ||
    /^http:\/\/(localhost|127(\.\d{1,3}){3})(:\d+)?(\/[\w./-]*)?$/.test(text)
  );
}
