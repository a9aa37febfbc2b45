import { globMatches, globMatchesBeyond } from "./glob.ts";
import { memoize } from "../memoize.ts";

/** Parsed word of `Resource`: `*`, or `acs:oss:REGION:OWNER:NAME`, where NAME may contain colons. */
export type Resource =
  | { readonly kind: "everything" }
  | {
      readonly kind: "named";
      readonly region: string;
      /** UID of the bucket owner. */
      readonly owner: string;
      /** `bucket`, `bucket/key`, or a pattern of these. */
      readonly name: string;
    };

const named = /^acs:oss:([^:]*):([^:]*):(.+)$/s;

/** Parses a word of `Resource`; undefined if it has neither form. Memoized. */
export const parseResource: (text: string) => Resource | undefined = memoize((text) => {
  if (text === "*") return { kind: "everything" };
  const [, region, owner, name] = named.exec(text) ?? [];
  if (region === undefined || owner === undefined || name === undefined) return undefined;
  return { kind: "named", region, owner, name };
});

/** Returns true if it matches the bucket itself, for an action on the bucket. Ignores region and owner. */
export function matchesBucket(resource: Resource, bucket: string): boolean {
  return resource.kind === "everything" || globMatches(resource.name, bucket);
}

/** Returns true if it matches some possible object of the bucket. `bucket*` matches objects and the bucket. */
export function matchesObjects(resource: Resource, bucket: string): boolean {
  return resource.kind === "everything" || globMatchesBeyond(resource.name, `${bucket}/`);
}

/** Returns the kind of a name that is neither a bucket nor an object (OSS docs: policy syntax, access points). */
export function specialKind(name: string): "access point" | "resource pool" | undefined {
  if (/^accesspoint(forobjectprocess)?\//.test(name)) return "access point";
  return name.startsWith("resourcepool/") ? "resource pool" : undefined;
}

/** Returns the Resource of a bucket. */
export function bucketResource(owner: string, bucket: string): string {
  return `acs:oss:*:${owner}:${bucket}`;
}

/** Returns the Resource of all objects of a bucket. */
export function objectsResource(owner: string, bucket: string): string {
  return `${bucketResource(owner, bucket)}/*`;
}
