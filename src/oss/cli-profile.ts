import { join } from "node:path";
import { nearMiss } from "../near-miss.ts";
import { isObject, parseJson, type JsonObject } from "../policy/json.ts";
import {
  arnMistake,
  type ChosenCredentials,
  type CredentialRecipe,
  type ReadSmallFile,
} from "./credential-recipe.ts";
import type { CredentialMistake } from "./credentials.ts";

const maxConfigBytes = 1 << 20;
/** Profiles that may follow one another by `source_profile`. */
const maxChain = 5;

interface ProfileSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadSmallFile;
}

type ProfileChoice = ChosenCredentials | CredentialMistake;

/** Reads a profile of the aliyun CLI from `~/.aliyun/config.json`. */
export function profileRecipe(
  name: string,
  { env, readFile }: ProfileSurroundings,
  session: string,
): ProfileChoice {
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  if (home === "")
    return { problem: "the profiles of the aliyun CLI cannot be found: HOME is not set", help: "set HOME" };
  const file = join(home, ".aliyun", "config.json");
  const read = readFile(file, maxConfigBytes);
  if ("problem" in read)
    return {
      problem: `\`${file}\` ${read.problem}`,
      help: `make the profile with \`aliyun configure --profile ${name}\``,
    };
  const parsed = parseJson(read.text.replace(/^\uFEFF/, ""));
  const root = "value" in parsed && isObject(parsed.value) ? parsed.value["profiles"] : undefined;
  // The reason of the parser would quote the file, which has secrets.
  if (!Array.isArray(root))
    return { problem: `\`${file}\` is not a configuration of the aliyun CLI`, help: "correct the file" };
  const profiles = (root as readonly unknown[]).filter((one): one is JsonObject =>
    isObject(one as JsonObject),
  );
  const recipe = recipeOf(name, { file, profiles, session, chain: [] });
  return "problem" in recipe ? recipe : { recipe, source: `profile \`${name}\` of the aliyun CLI` };
}

interface ProfileReading {
  readonly file: string;
  readonly profiles: readonly JsonObject[];
  readonly session: string;
  /** Names of the profiles that led to this one. */
  readonly chain: readonly string[];
}

type RecipeOfProfile = CredentialRecipe | CredentialMistake;

function recipeOf(name: string, reading: ProfileReading): RecipeOfProfile {
  const { file, profiles, chain } = reading;
  const profile = profiles.find((one) => one["name"] === name);
  if (profile === undefined) return noProfile(name, reading);
  if (chain.includes(name) || chain.length >= maxChain)
    return {
      problem: `the profiles ${[...chain, name].map((one) => `\`${one}\``).join(", ")} in \`${file}\` follow one another in a circle or too far`,
      help: "correct `source_profile`",
    };
  const mode = textOf(profile, "mode") ?? "";
  switch (mode) {
    case "AK":
      return keysOf(profile, reading, []);
    case "StsToken":
      return keysOf(profile, reading, ["sts_token"]);
    case "RamRoleArn":
      return roleOf(profile, reading, () => keysOf(profile, reading, []));
    case "ChainableRamRoleArn":
      return roleOf(profile, reading, () => sourceOf(profile, name, reading));
    default:
      return unsupported(name, mode, file);
  }
}

function noProfile(name: string, { file, profiles }: ProfileReading): CredentialMistake {
  const names = profiles.flatMap((one) => (typeof one["name"] === "string" ? [one["name"]] : []));
  const near = nearMiss(name, names);
  return {
    problem: `\`${file}\` has no profile \`${name}\``,
    help: near === undefined ? "name one that `aliyun configure list` shows" : `did you mean \`${near}\`?`,
  };
}

const supportedModes = "`AK`, `StsToken`, `RamRoleArn` and `ChainableRamRoleArn`";

function unsupported(name: string, mode: string, file: string): CredentialMistake {
  const word = /^[A-Za-z]{1,40}$/.test(mode) ? `\`${mode}\`` : "of an unknown name";
  const remedy = mode === "EcsRamRole" ? "give --ecs-role with the name of the role, or use" : "use";
  return {
    problem: `profile \`${name}\` in \`${file}\` has the mode ${word}, which is not supported`,
    help: `${remedy} a profile of one of the modes ${supportedModes}`,
  };
}

function keysOf(
  profile: JsonObject,
  { file }: ProfileReading,
  alsoNeeded: readonly string[],
): RecipeOfProfile {
  const absent = ["access_key_id", "access_key_secret", ...alsoNeeded].filter(
    (field) => textOf(profile, field) === undefined,
  );
  if (absent.length > 0) return halfSetProfile(profile, absent, file);
  const credentials = {
    accessKeyId: textOf(profile, "access_key_id") ?? "",
    accessKeySecret: textOf(profile, "access_key_secret") ?? "",
    securityToken: textOf(profile, "sts_token"),
  };
  return { kind: "keys", credentials };
}

function roleOf(
  profile: JsonObject,
  { file, session }: ProfileReading,
  baseOf: () => RecipeOfProfile,
): RecipeOfProfile {
  const arn = textOf(profile, "ram_role_arn");
  if (arn === undefined) return halfSetProfile(profile, ["ram_role_arn"], file);
  const mistake = arnMistake(
    arn,
    `\`ram_role_arn\` of profile \`${nameOf(profile)}\` in \`${file}\``,
    "role",
  );
  if (mistake !== undefined) return mistake;
  const from = baseOf();
  if ("problem" in from) return from;
  const [externalId, stsRegion] = [textOf(profile, "external_id"), textOf(profile, "sts_region")];
  const role = {
    arn,
    sessionName: sessionOf(profile) ?? session,
    durationSeconds: durationOf(profile),
    ...(externalId === undefined ? {} : { externalId }),
    ...(stsRegion === undefined ? {} : { stsRegion }),
  };
  return { kind: "role", role, from };
}

function sourceOf(profile: JsonObject, name: string, reading: ProfileReading): RecipeOfProfile {
  const source = textOf(profile, "source_profile");
  if (source === undefined) return halfSetProfile(profile, ["source_profile"], reading.file);
  return recipeOf(source, { ...reading, chain: [...reading.chain, name] });
}

function halfSetProfile(profile: JsonObject, absent: readonly string[], file: string): CredentialMistake {
  const fields = absent.map((field) => `\`${field}\``).join(" and ");
  return {
    problem: `profile \`${nameOf(profile)}\` in \`${file}\` is half set: ${fields} ${absent.length > 1 ? "are" : "is"} missing`,
    help: `complete it with \`aliyun configure --profile ${nameOf(profile)}\``,
  };
}

/** Seconds of a session that STS accepts (STS docs: AssumeRole). */
function durationOf(profile: JsonObject): number {
  const { expired_seconds: seconds } = profile;
  return typeof seconds === "number" && seconds >= 900 && seconds <= 43_200 ? Math.floor(seconds) : 3_600;
}

function sessionOf(profile: JsonObject): string | undefined {
  const name = textOf(profile, "ram_session_name");
  return name !== undefined && /^[\w.@-]{2,64}$/.test(name) ? name : undefined;
}

function nameOf(profile: JsonObject): string {
  return textOf(profile, "name") ?? "";
}

/** Returns a field that has text; undefined where it is absent or empty. */
function textOf(profile: JsonObject, field: string): string | undefined {
  const value = profile[field];
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}
