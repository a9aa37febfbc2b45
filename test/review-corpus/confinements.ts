import type { Scene } from "./scene.ts";
import type { Condition } from "./statements.ts";

/** Values of condition keys in a request. */
export type Context = Readonly<Record<string, string>>;

/** Condition that confines what it allows, and its opposite. */
export interface Confinement {
  readonly condition: Condition;
  readonly inside: Context;
  readonly outside: readonly Context[];
  readonly opposite: Condition;
  /** Contexts outside that the opposite allows. */
  readonly opposed: readonly Context[];
}

interface Kind {
  readonly by: string;
  /** It is about requests without TLS. */
  readonly overHttp?: true;
  of(scene: Scene): Confinement;
}

const late = { "acs:CurrentTime": "2040-01-01T00:00:00.000Z" };
const plainHttp = { "acs:SecureTransport": "false" };

export const confinements: readonly Kind[] = [
  {
    by: "VPC",
    of: ({ vpc, otherVpc }) => ({
      condition: fromVpc(vpc),
      inside: { "acs:SourceVpc": vpc },
      outside: [{}, { "acs:SourceVpc": otherVpc }],
      opposite: { StringNotEquals: { "acs:SourceVpc": [vpc] } },
      opposed: [{}, { "acs:SourceVpc": otherVpc }],
    }),
  },
  {
    by: "address range",
    of: ({ range, otherVpc }) => ({
      condition: fromRanges([range.narrow]),
      inside: { "acs:SourceIp": range.inside },
      outside: [{}, { "acs:SourceIp": range.around }, { "acs:SourceVpc": otherVpc }],
      opposite: { NotIpAddress: { "acs:SourceIp": [range.narrow] }, ...internet },
      opposed: [{}, { "acs:SourceIp": range.around }],
    }),
  },
  {
    by: "TLS",
    overHttp: true,
    of: () => ({
      condition: overTls("true"),
      inside: {},
      outside: [plainHttp],
      opposite: overTls("false"),
      opposed: [plainHttp],
    }),
  },
  {
    by: "MFA",
    of: () => ({
      condition: withMfa("true"),
      inside: { "acs:MFAPresent": "true" },
      outside: [{}, { "acs:MFAPresent": "false" }],
      opposite: withMfa("false"),
      opposed: [{ "acs:MFAPresent": "false" }],
    }),
  },
  {
    by: "date",
    of: ({ until }) => ({
      condition: before(until),
      inside: {},
      outside: [late],
      opposite: notBefore(until),
      opposed: [late],
    }),
  },
];

export const fromVpc = (...vpcs: readonly string[]): Condition => ({
  StringEquals: { "acs:SourceVpc": vpcs },
});
export const internet: Condition = { StringNotLike: { "acs:SourceVpc": ["vpc-*"] } };
export const fromRanges = (ranges: readonly string[]): Condition => ({
  IpAddress: { "acs:SourceIp": ranges },
  ...internet,
});
export const overTls = (flag: "true" | "false"): Condition => ({ Bool: { "acs:SecureTransport": [flag] } });
export const withMfa = (flag: "true" | "false"): Condition => ({ Bool: { "acs:MFAPresent": [flag] } });
export const before = (date: string): Condition => ({ DateLessThan: { "acs:CurrentTime": [date] } });
export const notBefore = (date: string): Condition => ({
  DateGreaterThanEquals: { "acs:CurrentTime": [date] },
});

/** Condition of a Deny that spares these VPCs, and these ranges of the Internet. */
export function except(vpcs: readonly string[], ranges: readonly string[] = []): Condition {
  const vpc = { StringNotEquals: { "acs:SourceVpc": vpcs } };
  return ranges.length === 0 ? vpc : { ...vpc, NotIpAddress: { "acs:SourceIp": ranges } };
}
