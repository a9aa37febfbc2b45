import { compareText } from "../diagnostic.ts";
import type { BucketAddress, Problem } from "../policy/live.ts";
import type { BucketListing } from "./store.ts";
import { problemOf, type Answer } from "./wire.ts";

interface Page {
  readonly owner: string;
  readonly buckets: readonly BucketAddress[];
  /** Undefined on the last page. */
  readonly nextMarker: string | undefined;
}

/** 1,000 buckets a page: more pages than this mean that something else is wrong. */
const mostPages = 1_000;

/** All pages of ListBuckets. A page that cannot be read makes the whole listing unknown, never shorter. */
export async function listAll(askPage: (marker: string) => Promise<Answer>): Promise<BucketListing> {
  const buckets: BucketAddress[] = [];
  let marker = "";
  for (let count = 0; count < mostPages; count += 1) {
    const answer = await askPage(marker);
    if (answer.status !== 200) return { problem: problemOf(answer) };
    const page = parsePage(answer.xml);
    if (page === undefined) return strange("the list of buckets that OSS sent does not parse");
    buckets.push(...page.buckets);
    if (page.nextMarker === undefined) {
      return { owner: page.owner, buckets: buckets.sort((a, b) => compareText(a.bucket, b.bucket)) };
    }
    if (page.nextMarker <= marker) break;
    marker = page.nextMarker;
  }
  return strange("the list of buckets that OSS sent does not end");
}

/** A complete listing has no IsTruncated at all: absent means false (OSS docs: GetService). */
function parsePage(xml: unknown): Page | undefined {
  const envelope = record(xml);
  const owner = record(envelope?.["Owner"])?.["ID"];
  if (envelope === undefined || typeof owner !== "string" || !("Buckets" in envelope)) return undefined;
  const buckets = listOf(record(envelope["Buckets"])?.["Bucket"]).map(parseBucket);
  if (!buckets.every((bucket) => bucket !== undefined)) return undefined;
  if (envelope["IsTruncated"] !== "true") return { owner, buckets, nextMarker: undefined };
  const marker = envelope["NextMarker"];
  return typeof marker === "string" && marker !== "" ? { owner, buckets, nextMarker: marker } : undefined;
}

function parseBucket(value: unknown): BucketAddress | undefined {
  const { Name: bucket, Location: location, Region: region } = record(value) ?? {};
  const short = typeof region === "string" ? region : location;
  if (typeof bucket !== "string" || typeof short !== "string") return undefined;
  // Names go into requests and reports: what does not look like one is not taken for one.
  const isPlain = /^[a-z0-9_][a-z0-9_-]*$/.test(bucket) && /^[a-z0-9-]+$/.test(short);
  return isPlain ? { bucket, region: short.replace(/^oss-/, "") } : undefined;
}

function strange(message: string): { readonly problem: Problem } {
  return { problem: { message, status: 200 } };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** The XML reader gives one element as itself and several as a list. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
