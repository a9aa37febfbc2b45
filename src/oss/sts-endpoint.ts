import type { CredentialMistake } from "./credentials.ts";
import { checkEndpoint } from "./endpoint.ts";

/** STS's endpoint where nothing else is set; it serves every region (STS docs: endpoints). */
const centralEndpoint = "https://sts.aliyuncs.com";
const example = "write it like `sts.cn-hangzhou.aliyuncs.com`";

const names = {
  endpoint: "ALIBABA_CLOUD_STS_ENDPOINT",
  region: "ALIBABA_CLOUD_STS_REGION",
  vpc: "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
} as const;

/** Returns the address of STS. The environment has precedence over the region of a profile. */
export function stsEndpoint(
  env: Readonly<Record<string, string | undefined>>,
  profileRegion: string | undefined,
): { readonly url: string } | CredentialMistake {
  const endpoint = env[names.endpoint]?.trim() ?? "";
  if (endpoint !== "") return namedEndpoint(endpoint);
  const region = env[names.region]?.trim() || profileRegion || "";
  const isVpc = flagOf(env[names.vpc]);
  if (isVpc === undefined)
    return { problem: `${names.vpc} is neither \`true\` nor \`false\``, help: "write one of the two" };
  if (region === "" && isVpc)
    return {
      problem: `the endpoint of STS is half set: ${names.region} is missing`,
      help: `set it to the region of the VPC, or unset ${names.vpc}`,
    };
  if (region === "") return { url: centralEndpoint };
  if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region))
    return {
      problem: `the region of STS is not the name of a region`,
      help: `write ${names.region} like \`cn-hangzhou\``,
    };
  return { url: `https://${isVpc ? "sts-vpc" : "sts"}.${region}.aliyuncs.com` };
}

/** Checks an endpoint, which may be a host alone, as in Alibaba Cloud's SDKs. */
function namedEndpoint(text: string): { readonly url: string } | CredentialMistake {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  const checked = checkEndpoint(address.replaceAll(/[{}]/g, " "), example);
  if ("problem" in checked) return { ...checked, problem: `${names.endpoint}: ${checked.problem}` };
  return { url: checked.template ?? centralEndpoint };
}

function flagOf(text = ""): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "" || word === "false" || word === "0" ? false : undefined;
}
