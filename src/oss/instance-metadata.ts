import type { ReadProblem } from "../policy/live.ts";
import type { CredentialMistake } from "./credentials.ts";
import { checkEndpoint } from "./endpoint.ts";
import { exchange } from "./exchange.ts";
import type { Secrets } from "./secrets.ts";
import { objectIn, sessionIn, type ObtainedCredentials } from "./session-credentials.ts";

/** Address of every instance's metadata (ECS docs: instance metadata). */
const metadataAddress = "http://100.100.100.200";
const addressName = "OSS_POLICY_METADATA_ENDPOINT";

const service = { name: "the instance metadata", help: "run on an ECS instance that has this role" };

/** Returns the address of the metadata: the real one, or for tests a server on the loopback. */
export function metadataEndpoint(
  env: Readonly<Record<string, string | undefined>>,
): { readonly url: string } | CredentialMistake {
  const text = env[addressName]?.trim() ?? "";
  if (text === "") return { url: metadataAddress };
  const checked = checkEndpoint(text);
  const isLoopback = "template" in checked && text.startsWith("http:");
  return isLoopback
    ? { url: text.replace(/\/$/, "") }
    : { problem: `${addressName} is not an address of the loopback`, help: "unset it: it is for tests" };
}

interface MetadataContext {
  readonly url: string;
  readonly timeoutMs: number;
  readonly secrets: Secrets;
}

/**
 * Gets the credentials of an instance's role, by the hardened mode alone (ECS docs: "access instance metadata"): a
 * session token first, which a request that was forged or redirected cannot have.
 */
export async function instanceRole(role: string, context: MetadataContext): Promise<ObtainedCredentials> {
  const { url, timeoutMs, secrets } = context;
  const token = await exchange({
    method: "PUT",
    url: `${url}/latest/api/token`,
    headers: { "x-aliyun-ecs-metadata-token-ttl-seconds": "60" },
    service,
    timeoutMs,
  });
  if ("problem" in token) return token;
  if (token.status !== 200 || !/^[\x21-\x7e]{1,1024}$/.test(token.text))
    return { problem: refused("a session token", token.status) };
  secrets.add([token.text]);
  const answer = await exchange({
    method: "GET",
    url: `${url}/latest/meta-data/ram/security-credentials/${role}`,
    headers: { "x-aliyun-ecs-metadata-token": token.text },
    service,
    timeoutMs,
  });
  if ("problem" in answer) return answer;
  const fields = objectIn(answer);
  if (answer.status !== 200 || fields?.["Code"] !== "Success")
    return { problem: refused(`credentials of the role \`${role}\``, answer.status) };
  return sessionIn(fields, answer, { from: service.name, secrets });
}

function refused(what: string, status: number): ReadProblem {
  const message = `the instance metadata has no ${what} (status ${status})`;
  return { message, help: "attach the role to the instance, or correct its name", status };
}
