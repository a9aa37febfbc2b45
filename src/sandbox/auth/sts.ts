import type { IncomingMessage } from "node:http";
import type { Reply } from "../wire/reply.ts";
import { renderXml, type XmlNode } from "../wire/xml.ts";
import type { Directory } from "./identity.ts";
import { actionOf, readStsCall, type StsCall, type StsFields, type StsOutcome } from "./sts-call.ts";
import { assumeRole, assumeRoleWithOidc, getCallerIdentity, newStsRequestId } from "./sts-operations.ts";
import { openNonces, stsSigner } from "./sts-signature.ts";

/** STS of a sandbox. */
export interface Sts {
  /** Answers a call of STS. Rejects if the connection breaks while it is read. */
  answer(incoming: IncomingMessage, nowMs: number): Promise<Reply>;
}

/** Opens STS over the identities of a sandbox. */
export function openSts(directory: Directory): Sts {
  const nonces = openNonces();
  return {
    answer: async (incoming, nowMs) => {
      const call = await readStsCall(incoming);
      if ("status" in call) return rendered("", { host: "", isJson: false, nowMs }, call);
      const outcome = outcomeOf(call, (each) => stsSigner(each, { directory, nonces, nowMs }), {
        directory,
        nowMs,
      });
      return rendered(actionOf(call), { host: call.host, isJson: isJson(call), nowMs }, outcome);
    },
  };
}

function outcomeOf(
  call: StsCall,
  signerOf: (call: StsCall) => ReturnType<typeof stsSigner>,
  state: { readonly directory: Directory; readonly nowMs: number },
): StsOutcome {
  const action = actionOf(call);
  const version = call.headers["x-acs-version"] ?? call.parameters.get("Version");
  if (version !== "2015-04-01")
    return { status: 400, code: "InvalidVersion", message: "Specified parameter Version is not valid." };
  if (action === "AssumeRoleWithOIDC") return assumeRoleWithOidc(call, state);
  if (action !== "AssumeRole" && action !== "GetCallerIdentity")
    return {
      status: 501,
      code: "NotImplemented",
      message: `The sandbox does not have the action ${action}.`,
    };
  const signer = signerOf(call);
  if ("status" in signer) return signer;
  return action === "AssumeRole" ? assumeRole(call, signer, state) : getCallerIdentity(signer);
}

/** Returns true for JSON: the parameter Format decides, then the header Accept; the default is XML (API docs: RPC). */
function isJson({ headers, parameters }: StsCall): boolean {
  const format = parameters.get("Format")?.toUpperCase();
  return format === undefined ? /\bapplication\/json\b/.test(headers["accept"] ?? "") : format === "JSON";
}

interface StsAnswerForm {
  readonly host: string;
  readonly isJson: boolean;
  readonly nowMs: number;
}

function rendered(
  action: string,
  { host, isJson: asJson, nowMs }: StsAnswerForm,
  outcome: StsOutcome,
): Reply {
  const id = newStsRequestId();
  const isRefused = "status" in outcome;
  const fields: StsFields = isRefused
    ? { RequestId: id, HostId: host, Code: outcome.code, Message: outcome.message }
    : { RequestId: id, ...outcome.fields };
  const root = isRefused ? "Error" : `${action}Response`;
  const body = asJson ? JSON.stringify(fields) : renderXml([root, nodesOf(fields)]);
  return {
    status: isRefused ? outcome.status : 200,
    // Clients take the time of STS from here, so it is that of the sandbox's clock.
    headers: {
      Date: new Date(nowMs).toUTCString(),
      "Content-Type": asJson ? "application/json;charset=utf-8" : "text/xml;charset=utf-8",
      "x-acs-request-id": id,
    },
    body: Buffer.from(body),
  };
}

function nodesOf(fields: StsFields): readonly XmlNode[] {
  return Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? value : nodesOf(value),
  ]);
}
