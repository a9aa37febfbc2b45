/** Help for a call that OSS refuses, by the reason that OSS gives. */
export interface RefusalHelp {
  /** OSS's error code, or a pattern for related codes. */
  readonly code?: string | RegExp;
  /** OSS's finer error number. It has precedence, because many causes share messages and codes. */
  readonly ec?: string;
  /** Pattern of the message; only if the documentation gives no EC for the cause. */
  readonly message?: RegExp;
  readonly help: string;
  /** Source of the fact: OSS's documentation, an official SDK's test, or reports of users. */
  readonly source: string;
}

const key = "check the access key, its secret and its token";
const tokenHelp = "get a new token with its own key id and secret, and set the three together";
const blocked =
  "Block Public Access of the bucket or of the account is on: name principals instead of everyone, or switch it off first (it also ignores stored public grants)";
const ownerOnly = "use a key of the account that owns the bucket: another account cannot make this call";

/** Help by reason. The first matching row is used: by EC, then by message, then by code alone. */
export const refusalHelps: readonly RefusalHelp[] = [
  {
    ec: "0003-00000801",
    help: "the account is overdue or disabled: pay its bill, or have it enabled, before anything else",
    source: "OSS docs: EC 0003-00000801 (UserDisable)",
  },
  {
    ec: "0003-00000101",
    help: "a Deny of the bucket's own policy refuses this caller: change the policy as a caller, and from a place, that no Deny matches; a Deny with a Condition matches the owner too",
    source: "OSS docs: EC 0003-00000101",
  },
  {
    ec: "0003-00000201",
    help: "a Deny of a RAM policy refuses this call for the key in use: check the RAM policies of its user or role",
    source: "OSS docs: EC 0003-00000201",
  },
  {
    ec: "0003-00000202",
    help: "nothing allows this call for the key in use: allow it in a RAM policy of its user or role",
    source: "OSS docs: EC 0003-00000202",
  },
  {
    ec: "0003-00000203",
    help: "a Deny of a RAM policy and one of the bucket's own policy refuse this call for the key in use",
    source: "OSS docs: EC 0003-00000203",
  },
  {
    ec: "0003-00000204",
    help: "a Deny refuses a part of this call for the key in use",
    source: "OSS docs: EC 0003-00000204",
  },
  {
    ec: "0003-00000301",
    help: "the session policy of the token refuses this call: allow it where the token is made (AssumeRole)",
    source: "OSS docs: EC 0003-00000301",
  },
  { ec: "0003-00000905", help: ownerOnly, source: "reports of users: EC 0003-00000905" },
  {
    ec: "0003-00001403",
    help: "write the region of the bucket in its file: OSS answers for it at another region's endpoint",
    source: "OSS docs: EC 0003-00001403",
  },
  {
    ec: "0002-00000902",
    help: "the access key id is unknown, disabled or incomplete: check it in the RAM console",
    source: "OSS docs: EC 0002-00000902",
  },
  {
    ec: "0002-00000201",
    help: "the secret does not belong to the access key id: set both again, and the token if there is one",
    source: "OSS docs: EC 0002-00000201",
  },
  {
    ec: "0002-00000040",
    help: "the secret does not belong to the access key id: set both again",
    source: "OSS docs: EC 0002-00000040",
  },
  {
    ec: "0002-00000504",
    help: "correct this machine's clock",
    source: "OSS docs: EC 0002-00000504",
  },
  {
    ec: "0015-00000001",
    help: "correct the name of the bucket",
    source: "OSS docs: EC 0015-00000001",
  },
  {
    ec: "0015-00000101",
    help: "create the bucket, or correct its name",
    source: "OSS docs: EC 0015-00000101",
  },
  {
    ec: "0030-00000001",
    help: "make the policy smaller than 16 KB",
    source: "OSS docs: EC 0030-00000001",
  },
  { ec: "0030-00000002", help: 'write `Version: "1"`', source: "OSS docs: EC 0030-00000002" },
  { ec: "0030-00000004", help: "write the policy in UTF-8", source: "OSS docs: EC 0030-00000004" },
  {
    ec: "0030-00000005",
    help: "correct the policy: OSS does not accept its syntax",
    source: "OSS docs: EC 0030-00000005",
  },
  {
    ec: "0030-00000007",
    help: "write one `*` where the policy has two or more in a row",
    source: "OSS docs: EC 0030-00000007",
  },
  {
    ec: "0030-00000008",
    help: "add `acs:SourceVpc` to the statement that has `acs:SourceIp`",
    source: "OSS docs: EC 0030-00000008",
  },
  {
    code: "AccessDenied",
    message: /^put public (bucket|object) (policy|acl) is not allowed/i,
    help: blocked,
    source: "OSS docs: Block Public Access; the message from reports of users, its EC is not documented",
  },
  {
    message: /^acs:SourceVpc should be set if acs:SourceIp is set/i,
    help: "add `acs:SourceVpc` to the statement that has `acs:SourceIp`",
    source: "reports of users: the message of EC 0030-00000008",
  },
  {
    code: "UserDisable",
    help: "the account is overdue or disabled: pay its bill, or have it enabled, before anything else",
    source: "OSS docs: 403 errors",
  },
  {
    code: "SecondLevelDomainForbidden",
    help: "OSS accepts no bucket in the path: use an endpoint with a subdomain for each bucket, or unset --endpoint and OSS_ENDPOINT",
    source: "OSS docs: 403 errors",
  },
  {
    code: "NonStandardHostForbidden",
    help: "OSS does not serve this host name: check --endpoint and OSS_ENDPOINT, or unset them",
    source: "OSS docs: 403 errors",
  },
  { code: "InvalidAccessKeyId", help: key, source: "OSS docs: 403 errors" },
  { code: "SignatureDoesNotMatch", help: key, source: "OSS docs: 403 errors" },
  {
    code: "SecurityTokenExpired",
    help: `the token has expired: ${tokenHelp}`,
    source: "OSS docs: 403 errors",
  },
  {
    code: "InvalidSecurityToken",
    help: `OSS does not know the token: ${tokenHelp}`,
    source: "OSS docs: 403 errors",
  },
  {
    code: "AccessKeyIdAndSecurityTokenNotMatch",
    help: `the token belongs to another key: ${tokenHelp}`,
    source: "OSS docs: 403 errors",
  },
  {
    code: "SecurityTokenNotSupported",
    help: "this access key does not accept a token: unset the token",
    source: "OSS docs: 403 errors",
  },
  { code: "RequestTimeTooSkewed", help: "correct this machine's clock", source: "OSS docs: 403 errors" },
  {
    code: /^kms/i,
    help: "allow the key in use to use the KMS key of the bucket, and check the state of that key",
    source:
      "inferred: buckets with KMS need kms:GenerateDataKey and kms:Decrypt (OSS docs: encryption); its codes are not listed",
  },
  {
    code: "InvalidPolicyDocument",
    help: "correct the policy: run `validate` on its file",
    source: "OSS SDK tests (C++, C#, Java, Swift)",
  },
  { code: "NoSuchBucket", help: "create the bucket, or correct its name", source: "OSS docs: 404 errors" },
  { code: "InvalidBucketName", help: "correct the name of the bucket", source: "OSS docs: 400 errors" },
];

/** Parts of an error answer that select the help. */
export interface OssRefusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly ec: string | undefined;
  readonly message: string | undefined;
}

/** Returns the help for a refusal: by EC, then by message, by code, and by status if none is known. */
export function helpFor({ status, code = "", ec, message = "" }: OssRefusal): string | undefined {
  const row =
    refusalHelps.find((one) => one.ec !== undefined && one.ec === ec) ??
    refusalHelps.find((one) => one.message?.test(message) === true && fits(one, code)) ??
    refusalHelps.find((one) => one.message === undefined && one.code !== undefined && fits(one, code));
  if (row !== undefined) return row.help;
  if (status === 403) return "allow this call for the key in use, or use the key of the bucket's owner";
  return status === 429 || status >= 500 ? "try again later" : undefined;
}

function fits({ code: wanted }: RefusalHelp, code: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === "string" ? wanted === code : wanted.test(code);
}
