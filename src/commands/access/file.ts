import { errorCode } from "../../system-error.ts";
import { isFailed, type Failed } from "../../result.ts";
import { closeSync, openSync, readSync } from "node:fs";
import { entryOf, jsonOf, stringOf, type Node } from "../../desired/node.ts";
import { parseYaml } from "../../desired/yaml.ts";
import { hasErrors } from "../../diagnostic.ts";
import { isList, isObject, parseJson, type Json, type JsonObject } from "../../policy/json.ts";
import { canonicalPolicy, type Policy } from "../../policy/policy.ts";
import { problem } from "./reply.ts";
import { textOf } from "../policy-text.ts";

/** A policy in a file of its own, outside of its tree. */
export interface FilePolicy {
  readonly policy: Policy | "none";
  /** The bucket that the file names beside its policy. */
  readonly bucket: string | undefined;
}

/** A policy as OSS has it, in JSON or YAML, or the one in a bucket's file. */
export function policyInFile(file: string): FilePolicy | Failed {
  const bytes = bytesOf(file);
  if (isFailed(bytes)) return bytes;
  const text = textOf(bytes, file);
  if (typeof text !== "string") return text;
  // A file without an object at its top is read for its reason alone.
  const strict = parseJson(text);
  if ("value" in strict && !isObject(strict.value)) return noPolicy(file, strict.value);
  const { node, diagnostics } = parseYaml(text, file);
  if (hasErrors(diagnostics)) return { problems: diagnostics };
  if (node === undefined) return noPolicy(file, null);
  return entryOf(node, "policy") === undefined && entryOf(node, "use") === undefined
    ? bareDocument(jsonOf(node), file)
    : bucketFile(node, file);
}

/** Far above what a policy of 16 KB needs, however it is written. */
const maxBytes = 1_048_576;

/** The bytes, read no further than the limit: a pipe or a device may have no end. */
function bytesOf(file: string): Uint8Array | Failed {
  try {
    const descriptor = openSync(file, "r");
    try {
      const bytes = new Uint8Array(maxBytes + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (length <= maxBytes) return bytes.subarray(0, length);
      return problem(`\`${file}\` has more than ${maxBytes} bytes`, "an OSS policy has 16 KB at most");
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return unreadable(file, errorCode(error));
  }
}

function unreadable(file: string, code: string): Failed {
  if (code === "EISDIR") return problem(`\`${file}\` is a folder`, "name a file in it");
  const help =
    code === "ENOENT"
      ? "name a file that holds a policy in JSON or YAML; two revisions are written `REV..REV`"
      : "make the file readable";
  return problem(`\`${file}\` cannot be read (${code})`, help);
}

/** The policy of a bucket's file; what its tree adds to it cannot be known here. */
function bucketFile(node: Node, file: string): FilePolicy | Failed {
  const parts = ["variables", "statement sets"] as const;
  const document = jsonOf(entryOf(node, "policy")?.value ?? node);
  const [part] = [/(?<!\$)\$\{/.test(JSON.stringify(document)), entryOf(node, "use") !== undefined].flatMap(
    (isThere, index) => (isThere ? (parts[index] ?? []) : []),
  );
  if (part !== undefined)
    return problem(
      `\`${file}\` has ${part}, which mean something only in their tree`,
      "compare two revisions: `access diff REV..REV`",
    );
  const bucket = stringOf(entryOf(node, "bucket")?.value);
  if (document === "none") return { policy: "none", bucket };
  const bare = bareDocument(withoutEscapes(document), file);
  return isFailed(bare) ? bare : { ...bare, bucket };
}

/** `$${` is how our files write a literal `${`. */
function withoutEscapes(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("$${", "${");
  if (isList(value)) return value.map(withoutEscapes);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.replaceAll("$${", "${"), withoutEscapes(member)]),
  );
}

function bareDocument(document: Json, file: string): FilePolicy | Failed {
  if (!isPolicy(document)) return noPolicy(file, document);
  return { policy: canonicalPolicy(document), bucket: undefined };
}

function isPolicy(value: Json | undefined): value is JsonObject {
  return isObject(value) && "Statement" in value;
}

/** Explains why a value is not a policy, and where one may be inside of it. */
function noPolicy(file: string, value: Json): Failed {
  if (isObject(value)) return noStatement(file, value);
  const inside = typeof value === "string" ? parseJson(value) : undefined;
  if (inside !== undefined && "value" in inside && isPolicy(inside.value))
    return problem(
      `\`${file}\` holds a policy inside of one string`,
      "save the text that the string holds: `jq -r . FILE` prints it",
    );
  const help =
    value === "none"
      ? "for a bucket without a policy, write `policy: none` in the file"
      : "name a file that holds a map with `Version` and `Statement`";
  return problem(`\`${file}\` is no policy: it is ${kindOf(value)}`, help);
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  return typeof value === "object" ? "a number" : `a ${typeof value}`;
}

function noStatement(file: string, document: JsonObject): Failed {
  const names = Object.keys(document);
  const wrapper = names.find((name) => isPolicy(unwrapped(document[name])));
  if (wrapper !== undefined) {
    const how = typeof document[wrapper] === "string" ? ", as one string" : "";
    return problem(
      `\`${file}\` holds its policy below \`${wrapper}\`${how}`,
      `save the value of \`${wrapper}\` in a file of its own`,
    );
  }
  const near = names.find((name) => /^statements?$/i.test(name));
  const message = `\`${file}\` is no policy: it has no \`Statement\``;
  if (near !== undefined) return problem(message, `write \`Statement\` for \`${near}\``);
  if ("account" in document) return problem(`${message}; it is an account file`, "name a bucket's file");
  const found = names.length === 0 ? "it is an empty map" : `it has \`${names.slice(0, 3).join("`, `")}\``;
  return problem(`${message}; ${found}`, "name a policy as OSS has it, or a bucket's file");
}

function unwrapped(value: Json | undefined): Json | undefined {
  if (typeof value !== "string") return value;
  const parsed = parseJson(value);
  return "value" in parsed ? parsed.value : undefined;
}
