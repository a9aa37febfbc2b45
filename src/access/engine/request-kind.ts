import type { AtomField } from "./fields.ts";

/** What the principal and the action say about the fields after them. */
export interface RequestKind {
  readonly isObject: boolean;
  readonly isListing: boolean;
  readonly isAnonymous: boolean;
}

/** Before the principal and the action are known. */
export const anyRequest: RequestKind = { isObject: false, isListing: false, isAnonymous: false };

/** Equal for equal scopes, from 0 to 7. */
export function requestKindKey({ isObject, isListing, isAnonymous }: RequestKind): number {
  return Number(isObject) + 2 * Number(isListing) + 4 * Number(isAnonymous);
}

interface Domain {
  readonly domain: bigint;
  readonly inside: RequestKind;
}

const known = new WeakMap<AtomField, Map<number, readonly Domain[]>>();

/** The atoms that a request can have, parted where the fields after them depend on it. */
export function domainsOf(field: AtomField, requestKind: RequestKind): readonly Domain[] {
  const all = known.get(field) ?? new Map<number, readonly Domain[]>();
  known.set(field, all);
  const key = requestKindKey(requestKind);
  const domains = all.get(key) ?? findDomains(field, requestKind);
  all.set(key, domains);
  return domains;
}

function findDomains(field: AtomField, requestKind: RequestKind): readonly Domain[] {
  const those = (holds: (sample: string | undefined, index: number) => boolean) =>
    field.atoms.reduce(
      (sum, { sample }, index) => (holds(sample, index) ? sum | (1n << BigInt(index)) : sum),
      0n,
    );
  if (field.name === "principal") {
    const [named, anonymous] = [{ ...requestKind }, { ...requestKind, isAnonymous: true }];
    return [
      { domain: those((who) => who === "anonymous"), inside: anonymous },
      { domain: those((who) => who !== "anonymous"), inside: named },
    ];
  }
  if (field.name === "action") {
    const isListing = (name: string | undefined) => name !== undefined && listings.has(name);
    const isObject = (index: number) => field.atoms[index]?.level === "object";
    return [
      { domain: those((_, index) => isObject(index)), inside: { ...requestKind, isObject: true } },
      { domain: those((name) => isListing(name)), inside: { ...requestKind, isListing: true } },
      { domain: those((name, index) => !isObject(index) && !isListing(name)), inside: requestKind },
    ];
  }
  const presence = presenceOf(field.name, requestKind);
  const domain = those((sample) => (sample === undefined ? presence !== "always" : presence !== "never"));
  return [{ domain, inside: requestKind }];
}

/** The calls that have a prefix and a delimiter (OSS docs: policy syntax). */
const listings: ReadonlySet<string> = new Set(["oss:ListObjects", "oss:ListObjectVersions"]);

/** Whether a request has a key. "Maybe" keeps both: sound, though some such request may never occur. */
export function presenceOf(key: string, requestKind: RequestKind): "always" | "never" | "maybe" {
  switch (key) {
    case "resource":
      return requestKind.isObject ? "always" : "never";
    case "acs:SourceIp":
    case "acs:SourceVpc":
    case "acs:CurrentTime":
    case "acs:SecureTransport":
      return "always";
    case "acs:AccessId":
      return requestKind.isAnonymous ? "never" : "always";
    case "oss:Prefix":
    case "oss:Delimiter":
      return requestKind.isListing ? "maybe" : "never";
    default:
      return "maybe";
  }
}
