import { globMatches, globMatchesBeyond } from "./glob.ts";
import { remembered } from "../memoize.ts";

/** What a word of `Resource` says: `*`, or `acs:oss:REGION:OWNER:NAME`, where NAME may hold colons. */
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

/** Undefined where a text has neither form. */
export const parseResource: (text: string) => Resource | undefined = remembered((text) => {
  if (text === "*") return { kind: "everything" };
  const [, region, owner, name] = named.exec(text) ?? [];
  if (region === undefined || owner === undefined || name === undefined) return undefined;
  return { kind: "named", region, owner, name };
});

/** Whether it matches the bucket itself, as an action on the bucket asks. Region and owner are left aside. */
export function matchesBucket(resource: Resource, bucket: string): boolean {
  return resource.kind === "everything" || globMatches(resource.name, bucket);
}

/** Whether it matches at least one possible object of the bucket. `bucket*` matches these and the bucket. */
export function matchesObjects(resource: Resource, bucket: string): boolean {
  return resource.kind === "everything" || globMatchesBeyond(resource.name, `${bucket}/`);
}

/** What a name stands for that is neither a bucket nor an object (OSS docs: policy syntax, access points). */
export function specialKind(name: string): "access point" | "resource pool" | undefined {
  if (/^accesspoint(forobjectprocess)?\//.test(name)) return "access point";
  return name.startsWith("resourcepool/") ? "resource pool" : undefined;
}

/** The resource that is a bucket. */
export function bucketResource(owner: string, bucket: string): string {
  return `acs:oss:*:${owner}:${bucket}`;
}

/** The resource that is every object of a bucket. */
export function objectsResource(owner: string, bucket: string): string {
  return `${bucketResource(owner, bucket)}/*`;
}
