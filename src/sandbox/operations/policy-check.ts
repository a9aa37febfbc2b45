/** Reason why putting a policy is refused. */
export interface PolicyRefusal {
  readonly ec: string;
  readonly message: string;
}

/** Smallest size that is too large (OSS docs: EC 0030-00000001; that 16 KB means 16384 is inferred). */
const tooManyBytes = 16_384;

/**
 * Checks a policy as OSS does when it is put (OSS docs: EC 0030-00000001 to -00000008). The docs do not give
 * the order of the checks, and number 3 has no page: the order here is inferred, and 3 never occurs. Unknown
 * actions, a missing Principal and an empty list of statements are accepted, as OSS accepts them.
 */
export function checkPolicy(body: Uint8Array): PolicyRefusal | undefined {
  if (body.byteLength >= tooManyBytes) return refusal(1, "The policy must be smaller than 16 KB.");
  const text = utf8Text(body);
  if (text === undefined) return refusal(4, "The policy must be encoded in UTF-8.");
  const document = parseJson(text);
  if (!isRecord(document)) return refusal(5, "The policy is not a JSON object.");
  return (
    versionRefusal(document["Version"]) ??
    statementRefusal(document["Statement"]) ??
    starRefusal(document) ??
    sourceRefusal(document["Statement"])
  );
}

/** Checks the Version. The number 1 is bad syntax (documented for 5); a missing Version is refused (inferred). */
function versionRefusal(version: unknown): PolicyRefusal | undefined {
  if (version === "1") return undefined;
  if (version === undefined || typeof version === "string") return refusal(2, 'The Version must be "1".');
  return refusal(5, "The Version must be a string.");
}

/** Checks the Statement; inferred from "bad policy syntax" for 5. */
function statementRefusal(statements: unknown): PolicyRefusal | undefined {
  const fine = Array.isArray(statements) && statements.every(isRecord);
  return fine ? undefined : refusal(5, "The Statement must be an array of objects.");
}

/** Checks all values: Resource, a VPC id, a UID masked as `****`. That member names may have `**` is inferred. */
function starRefusal(document: unknown): PolicyRefusal | undefined {
  const open: unknown[] = [document];
  // A loop, not a recursion: 16 KB of brackets nest deeper than the call stack.
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === "string" && value.includes("**")) {
      return refusal(7, "A value must not contain two or more consecutive asterisks.");
    }
    if (typeof value === "object" && value !== null) open.push(...Object.values(value));
  }
  return undefined;
}

/** Checks each statement on its own. That the keys are compared case-sensitively is inferred. */
function sourceRefusal(statements: unknown): PolicyRefusal | undefined {
  const bad = (Array.isArray(statements) ? statements : []).some((statement) => {
    const keys = conditionKeys(statement);
    return keys.has("acs:SourceIp") && !keys.has("acs:SourceVpc");
  });
  return bad ? refusal(8, "A statement with acs:SourceIp must also have acs:SourceVpc.") : undefined;
}

function conditionKeys(statement: unknown): ReadonlySet<string> {
  const condition = isRecord(statement) ? statement["Condition"] : undefined;
  const operators = isRecord(condition) ? Object.values(condition) : [];
  return new Set(operators.filter(isRecord).flatMap((operator) => Object.keys(operator)));
}

function refusal(number: number, message: string): PolicyRefusal {
  return { ec: `0030-0000000${number}`, message };
}

/** Decodes UTF-8. Keeps a byte order mark, so that JSON.parse refuses it: OSS's behavior is unknown. */
function utf8Text(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
