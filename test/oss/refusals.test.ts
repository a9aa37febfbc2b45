import { describe, expect, test } from "vitest";
import { helpFor, refusalHelps } from "../../src/oss/refusals.ts";

const asked = (code?: string, ec?: string, message?: string, status = 403) =>
  helpFor({ code, ec, message, status });

describe("help for what OSS refuses", () => {
  test("every row has a source, and a help without a full stop", () => {
    for (const { help, source } of refusalHelps) {
      expect(source).toMatch(/^(OSS docs|OSS SDK tests|reports of users|inferred)/);
      expect(help).not.toMatch(/\.$|^(?!OSS|Block)[A-Z]/);
    }
    const names = refusalHelps.map(({ code, ec, message }) => String(ec ?? message ?? code));
    expect(new Set(names).size).toBe(names.length);
  });

  test.each<[string, string | undefined, string | undefined, string | undefined, RegExp]>([
    ["an overdue account", "UserDisable", undefined, undefined, /overdue or disabled/],
    ["the same by its EC", "AccessDenied", "0003-00000801", undefined, /overdue or disabled/],
    ["a bucket in the path", "SecondLevelDomainForbidden", undefined, undefined, /no bucket in the path/],
    ["a key of another account", "AccessDenied", "0003-00000905", undefined, /account that owns the bucket/],
    ["a token that has expired", "SecurityTokenExpired", undefined, undefined, /has expired/],
    ["a token of another key", "AccessKeyIdAndSecurityTokenNotMatch", undefined, undefined, /another key/],
    ["an unknown token", "InvalidSecurityToken", undefined, undefined, /does not know the token/],
    ["a wrong secret", "SignatureDoesNotMatch", "0002-00000201", undefined, /secret does not belong/],
    ["an unknown key", "InvalidAccessKeyId", "0002-00000902", undefined, /unknown, disabled/],
    ["a wrong clock", "RequestTimeTooSkewed", undefined, undefined, /clock/],
    [
      "a session policy",
      "AccessDenied",
      "0003-00000301",
      "Access denied by bucket policy.",
      /session policy/,
    ],
    ["a RAM policy", "AccessDenied", "0003-00000201", "Access denied by bucket policy.", /RAM policy/],
    ["a bucket policy", "AccessDenied", "0003-00000101", undefined, /bucket's own policy/],
    [
      "Block Public Access",
      "AccessDenied",
      "0003-00000001",
      "Put public bucket policy is not allowed",
      /^Block Public Access of the bucket or of the account/,
    ],
    [
      "an address without a VPC",
      "InvalidArgument",
      undefined,
      "acs:SourceVpc should be set if acs:SourceIp is set.",
      /add `acs:SourceVpc`/,
    ],
    ["KMS", "KmsKeyNotUsable", undefined, undefined, /KMS key/],
    ["anything else", "AccessDenied", "0003-00000001", undefined, /allow this call for the key/],
  ])("%s", (_, code, ec, message, help) => {
    expect(asked(code, ec, message)).toMatch(help);
  });

  test("an EC decides before a message that could be anyone's", () => {
    const message = "Put public bucket policy is not allowed";
    expect(asked("AccessDenied", "0003-00000202", message)).toMatch(/nothing allows this call/);
    expect(asked("NoSuchBucket", undefined, message, 404)).toMatch(/create the bucket/);
  });

  test("what is not known has no help but that of its status", () => {
    expect(asked("New", undefined, undefined, 400)).toBeUndefined();
    expect(asked("New", undefined, undefined, 500)).toBe("try again later");
  });
});
