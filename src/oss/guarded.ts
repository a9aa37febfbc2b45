import type { AccountBlock, BucketAddress, Exposure, Live, ReadProblem, LiveRead } from "../policy/live.ts";
import type { Secrets } from "./secrets.ts";
import type { BucketListing, PolicyStore, WriteAnswer } from "./store.ts";

/**
 * Wraps a store so that its answers contain no secret of this run. Messages are cleaned. A value that must not
 * change, such as a policy or a name, is rejected if it contains a secret: a server that sends it has it
 * already, but others read the reports.
 */
export function guarded(store: PolicyStore, secrets: Secrets): PolicyStore {
  return {
    list: async () => guardedListing(await store.list(), secrets),
    get: async (address) => guardedRead(await store.get(address), address, secrets),
    exposure: async (address) => guardedExposure(await store.exposure(address), secrets),
    accountBlock: async () => guardedBlock(await store.accountBlock(), secrets),
    put: async (address, body) => guardedAnswer(await store.put(address, body), secrets),
    delete: async (address) => guardedAnswer(await store.delete(address), secrets),
    close: () => store.close(),
  };
}

/** Limits of a message: far more than a reader needs, far less than a server can send for many buckets. */
const maxWords = 1_000;
const maxCleaned = 16_384;

/** Cleans a text, then cuts it: half a secret would not be found. */
function cleanedText(text: string, { clean }: Secrets): string {
  const plain = clean(text.slice(0, maxCleaned));
  return plain.length <= maxWords ? plain : `${plain.slice(0, maxWords)}...`;
}

function cleaned(problem: ReadProblem, secrets: Secrets): ReadProblem {
  const { message, help, code, ec } = problem;
  return {
    ...problem,
    message: cleanedText(message, secrets),
    ...(help === undefined ? {} : { help: cleanedText(help, secrets) }),
    ...(code === undefined ? {} : { code: cleanedText(code, secrets) }),
    ...(ec === undefined ? {} : { ec: cleanedText(ec, secrets) }),
  };
}

function holding(what: string): ReadProblem {
  return { message: `${what} that OSS sent contains a secret of this run`, status: 200 };
}

function guardedListing(listing: BucketListing, secrets: Secrets): BucketListing {
  if ("problem" in listing) return { problem: cleaned(listing.problem, secrets) };
  const names = [listing.owner, ...listing.buckets.flatMap(({ bucket, region }) => [bucket, region])];
  return names.some(secrets.isIn) ? { problem: holding("the list of buckets") } : listing;
}

function guardedRead({ live, region }: LiveRead, address: BucketAddress, secrets: Secrets): LiveRead {
  if (secrets.isIn(region))
    return { live: { state: "unreadable", problem: holding("a region") }, region: address.region };
  return { live: guardedLive(live, secrets), region };
}

function guardedLive(live: Live, secrets: Secrets): Live {
  const text = live.state === "policy" ? live.body : live.state === "unreadable" ? live.text : undefined;
  if (text !== undefined && secrets.isIn(text))
    return { state: "unreadable", problem: holding("the policy") };
  return live.state === "unreadable" ? { ...live, problem: cleaned(live.problem, secrets) } : live;
}

function guardedExposure(exposure: Exposure, secrets: Secrets): Exposure {
  if (exposure.owner !== undefined && secrets.isIn(exposure.owner))
    return { state: "unknown", problem: holding("the owner") };
  return exposure.state === "unknown"
    ? { ...exposure, problem: cleaned(exposure.problem, secrets) }
    : exposure;
}

function guardedBlock(block: AccountBlock, secrets: Secrets): AccountBlock {
  return block.state === "unknown" ? { ...block, problem: cleaned(block.problem, secrets) } : block;
}

function guardedAnswer(answer: WriteAnswer, secrets: Secrets): WriteAnswer {
  return answer.kind === "done" ? answer : { ...answer, problem: cleaned(answer.problem, secrets) };
}
