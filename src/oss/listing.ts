import { compareText } from "../diagnostic.ts";
import type { BucketAddress, ReadProblem } from "../policy/live.ts";
import type { BucketListing } from "./store.ts";
import { problemOf, rootOf, type OssAnswer } from "./wire.ts";
import { childOf, childrenOf, textOf, type XmlElement } from "./xml.ts";

interface Page {
  readonly owner: string;
  readonly buckets: readonly BucketAddress[];
  /** Undefined on the last page. */
  readonly nextMarker: string | undefined;
}

/** Limit of pages; more pages, or more buckets on one than requested, are an error of the server. */
const maxPages = 200;
export const bucketsAPage = 1_000;

/** Reads all pages of ListBuckets. An unreadable page makes the whole listing unknown, never shorter. */
export async function listAll(requestPage: (marker: string) => Promise<OssAnswer>): Promise<BucketListing> {
  const buckets: BucketAddress[] = [];
  let marker = "";
  for (let count = 0; count < maxPages; count += 1) {
    const answer = await requestPage(marker);
    if (answer.status !== 200) return { problem: problemOf(answer) };
    const page = parsePage(answer);
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

/** Parses a page. A complete listing has no IsTruncated: absent means false (OSS docs: GetService). */
function parsePage(answer: OssAnswer): Page | undefined {
  const root = rootOf(answer, "ListAllMyBucketsResult");
  const owner = textOf(childOf(root, "Owner"), "ID");
  const list = childOf(root, "Buckets");
  if (owner === undefined || !/^\d{1,32}$/.test(owner) || list === undefined) return undefined;
  const found = childrenOf(list, "Bucket");
  const buckets = found.map(parseBucket).filter((bucket) => bucket !== undefined);
  if (buckets.length < found.length || found.length > bucketsAPage) return undefined;
  const isTruncated =
    textOf(root, "IsTruncated") ?? (childrenOf(root, "IsTruncated").length === 0 ? "false" : "");
  if (isTruncated === "false") return { owner, buckets, nextMarker: undefined };
  const marker = textOf(root, "NextMarker");
  return isTruncated !== "true" || marker === undefined ? undefined : { owner, buckets, nextMarker: marker };
}

function parseBucket(element: XmlElement): BucketAddress | undefined {
  const bucket = textOf(element, "Name");
  const region = textOf(element, "Region") ?? textOf(element, "Location");
  if (bucket === undefined || region === undefined) return undefined;
  // Names go into requests and reports, so an odd one is rejected.
  const isPlain = /^[a-z0-9_][a-z0-9_-]{0,254}$/.test(bucket) && /^[a-z0-9-]{1,64}$/.test(region);
  return isPlain ? { bucket, region: region.replace(/^oss-/, "") } : undefined;
}

function strange(message: string): { readonly problem: ReadProblem } {
  return { problem: { message, status: 200 } };
}
