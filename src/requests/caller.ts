import { isNone, ownText, type LogRow } from "./log-row.ts";
import type { SeenCaller } from "./seen-request.ts";

/** Callers that are kept: far more than an account has, few enough for a log of random texts. */
const maxKnown = 50_000;

/** Function from a row to its caller; undefined if the log does not say who it was. Equal callers are one object. */
export function callers(): (row: LogRow) => SeenCaller | undefined {
  const known = new Map<string, SeenCaller | undefined>();
  return (row) => {
    const key = keyOf(row);
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found;
    if (known.size >= maxKnown) known.clear();
    const caller = callerOf(row);
    known.set(ownText(key), caller);
    return caller;
  };
}

function keyOf({ requester, owner, accessId, sls }: LogRow): string {
  const kind = accessId === undefined ? "" : accessId.slice(0, 4);
  return `${requester} ${owner} ${kind} ${sls === undefined ? "" : sls.caller.join(",")}`;
}

const digits = /^\d{1,30}$/;
/** Form of the ids of roles in all published lines; inferred. */
const roleId = /^3\d{17}$/;

function callerOf({ requester, owner, accessId, sls }: LogRow): SeenCaller | undefined {
  // A row that was exported without its requester does not say who it was.
  if (requester === "-") return { kind: "anonymous" };
  if (!digits.test(requester)) return undefined;
  if (requester === owner) return { kind: "owner", uid: ownText(requester) };
  const [parent = "", role = "", session = "", roleOwner = ""] = sls?.caller ?? [];
  if (!isNone(role)) {
    if (isNone(session) || !digits.test(roleOwner)) return undefined;
    const arn = `arn:sts::${roleOwner}:assumed-role/${role}/${session}`;
    return { kind: "role session", arn, account: roleOwner };
  }
  if (isRole(requester, accessId)) return { kind: "role", id: ownText(requester) };
  return { kind: "uid", uid: ownText(requester), account: digits.test(parent) ? parent : undefined };
}

/** Returns true for the id of a role: sessions have keys that begin with `STS.`, and older formats have no keys. */
function isRole(requester: string, accessId: string | undefined): boolean {
  if (accessId === undefined || isNone(accessId)) return roleId.test(requester);
  return accessId.startsWith("STS.") || (accessId.startsWith("TMP.") && roleId.test(requester));
}
