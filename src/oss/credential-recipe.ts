import type { CredentialMistake, Credentials } from "./credentials.ts";

/** Way to get credentials, as data: nothing is called yet. */
export type CredentialRecipe =
  | { readonly kind: "keys"; readonly credentials: Credentials }
  | {
      readonly kind: "oidc";
      readonly role: AssumedRole;
      readonly providerArn: string;
      readonly tokenFile: string;
    }
  | { readonly kind: "role"; readonly role: AssumedRole; readonly from: CredentialRecipe }
  | { readonly kind: "ecs"; readonly roleName: string };

/** Recipe, with words for it that name no secret. */
export interface ChosenCredentials {
  readonly recipe: CredentialRecipe;
  readonly source: string;
}

/** Role to assume. */
export interface AssumedRole {
  /** Such as `acs:ram::1746495857600001:role/oss-policy`. */
  readonly arn: string;
  readonly sessionName: string;
  readonly externalId?: string;
  readonly durationSeconds: number;
  /** Region of STS that a profile names. */
  readonly stsRegion?: string;
}

/** Reads a file that is small and regular. */
export type ReadSmallFile = (
  path: string,
  maxBytes: number,
) => { readonly text: string } | { readonly problem: string };

/** Reports text that is not an ARN in RAM; it is not shown, because a secret may be there by mistake. */
export function arnMistake(
  text: string,
  name: string,
  kind: "role" | "oidc-provider",
): CredentialMistake | undefined {
  if (new RegExp(`^acs:ram::\\d{1,32}:${kind}/[\\w.-]{1,128}$`, "i").test(text)) return undefined;
  const help = `write it like \`acs:ram::1746495857600001:${kind}/oss-policy\``;
  return { problem: `${name} is not the ARN of ${kind === "role" ? "a role" : "an OIDC provider"}`, help };
}

/** Returns the secrets that a recipe holds, and the ids of its keys. */
export function secretsOfRecipe(recipe: CredentialRecipe): {
  readonly secrets: readonly (string | undefined)[];
  readonly names: readonly string[];
} {
  if (recipe.kind === "role") return secretsOfRecipe(recipe.from);
  if (recipe.kind !== "keys") return { secrets: [], names: [] };
  const { accessKeyId, accessKeySecret, securityToken } = recipe.credentials;
  return { secrets: [accessKeySecret, securityToken], names: [accessKeyId] };
}
