import * as z from "zod/mini";
import type { Diagnostic } from "../diagnostic.ts";
import { childOf, stringOf, type Node } from "../desired/node.ts";
import { checkSchema } from "../desired/check-schema.ts";
import { parseYaml } from "../desired/yaml.ts";
import type { ConformanceIdentity, Identities, IdentityName } from "./scratch.ts";

const variable = z
  .string("a key is the name of an environment variable")
  .check(
    z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a key is the name of an environment variable, never the key itself"),
  );

const keys = { id: variable, secret: variable, token: z.optional(variable) };

const uid = z.string("a uid is a string of digits").check(z.regex(/^[0-9]+$/, "a uid is a string of digits"));

const identitiesSchema = z.strictObject({
  owner: z.strictObject(keys, "owner is a map of `id` and `secret`: the account that owns the bucket"),
  user: z.strictObject(
    { uid, ...keys },
    "user is a map of `uid`, `id` and `secret`: a RAM user of that account, without any RAM policy",
  ),
  "other-account": z.optional(
    z.strictObject({ uid, ...keys }, "other-account is a map of `uid`, `id` and `secret`"),
  ),
  role: z.optional(
    z.strictObject(
      {
        arn: z
          .string("an arn is a string")
          .check(
            z.regex(
              /^arn:sts::\d+:assumed-role\/[^/]+\/[^/]+$/,
              "an arn is that of a session: `arn:sts::UID:assumed-role/ROLE/SESSION`",
            ),
          ),
        ...keys,
      },
      "role is a map of `arn`, `id`, `secret` and `token`: a session of a role without any RAM policy",
    ),
  ),
  address: z.optional(
    z.string("address is an IPv4 address").check(z.regex(/^\d+(\.\d+){3}$/, "address is an IPv4 address")),
  ),
});

export interface IdentityFile {
  readonly identities: Identities;
  readonly address: string | undefined;
}

/** Parses a file of identities. It names environment variables: a file with secrets would be committed some day. */
export function parseIdentities(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): IdentityFile | { readonly problems: readonly Diagnostic[] } {
  const { node, diagnostics } = parseYaml(text, file);
  if (node === undefined) return { problems: diagnostics.length > 0 ? diagnostics : [emptyFile(file)] };
  const wrong = checkSchema(identitiesSchema, node);
  if (wrong.length > 0) return { problems: wrong };
  const found = names.map((name) => identityIn(name, childOf(node, name), env));
  const problems = found.flatMap((one) => one?.problems ?? []);
  if (problems.length > 0) return { problems };
  const identities = Object.fromEntries(
    found.flatMap((one) => (one?.identity === undefined ? [] : [[one.name, one.identity]])),
  ) as Identities;
  return { identities, address: stringOf(childOf(node, "address")) };
}

/** Names a variable in the usual form. Any other text may be a key that was written in place of its name. */
function nameText(variableName: string): string {
  return /^[A-Z][A-Z0-9_]{0,60}$/.test(variableName) ? `\`${variableName}\`` : "that is named here";
}

function emptyFile(file: string): Diagnostic {
  const help = "name at least `owner` and `user`, as docs/conformance.md shows";
  return { code: "identities", severity: "error", message: `\`${file}\` names no identity`, help };
}

const names: readonly IdentityName[] = ["owner", "user", "other-account", "role"];

function identityIn(
  name: IdentityName,
  node: Node | undefined,
  env: Readonly<Record<string, string | undefined>>,
):
  | {
      readonly name: IdentityName;
      readonly identity?: ConformanceIdentity;
      readonly problems?: readonly Diagnostic[];
    }
  | undefined {
  if (node === undefined) return undefined;
  const problems: Diagnostic[] = [];
  const valueOf = (key: string): string | undefined => {
    const place = childOf(node, key);
    const variableName = stringOf(place);
    if (place === undefined || variableName === undefined) return undefined;
    const value = env[variableName]?.trim() ?? "";
    if (value === "")
      problems.push({
        code: "identities",
        severity: "error",
        message: `the environment variable ${nameText(variableName)} is not set`,
        span: place.span,
        help: `\`${name}.${key}\` is the name of a variable, never the ${key} itself: set that variable to it`,
      });
    return value;
  };
  const credentials = {
    accessKeyId: valueOf("id") ?? "",
    accessKeySecret: valueOf("secret") ?? "",
    securityToken: valueOf("token"),
  };
  if (problems.length > 0) return { name, problems };
  const principal = stringOf(childOf(node, "uid")) ?? stringOf(childOf(node, "arn")) ?? "";
  return { name, identity: { credentials, principal } };
}
