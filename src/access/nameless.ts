import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";

/** Stands for the name of the bucket. No resource that OSS documents has it. */
const itself = "\u0000";

/**
 * Returns a text that is the same for two buckets of one owner only if the policies decide the same about both: those
 * that differ in nothing but the bucket's own name. An answer that says objects by their keys is then the same, too.
 */
export function namelessText(policies: readonly (Policy | "none")[], { name, owner }: Bucket): string {
  const statements = policies.flatMap((policy) => (policy === "none" ? [] : policy.statements));
  const isBound = statements.some(({ resource }) =>
    (resource ?? []).some((word) => isAboutOthers(word, name)),
  );
  const texts = policies.map((policy) =>
    policy === "none"
      ? policy
      : { ...policy, statements: policy.statements.map((one) => withoutName(one, name)) },
  );
  return JSON.stringify([owner, isBound ? name : itself, texts]);
}

function withoutName(statement: Statement, name: string): Statement {
  const resource = statement.resource?.map((word) => {
    const [, head = "", itsName, rest = ""] = segments.exec(word) ?? [];
    return itsName === name ? `${head}${itself}${rest}` : word;
  });
  return { ...statement, resource: resource ?? null };
}

/** Returns true for a resource that may match one bucket and not another: a pattern, or another name. */
function isAboutOthers(word: string, name: string): boolean {
  return word !== "*" && segments.exec(word)?.[2] !== name;
}

const segments = /^(acs:oss:[^:]*:[^:]*:)([^/]*)(\/.*)?$/s;
