// Program of the benchmark `requests`: reads a log, and adds up what a replay would look at.
import { readRequests } from "../../src/requests/read-requests.ts";

let keyLength = 0;
const callers = new Set<unknown>();
const read = await readRequests(
  process.argv.slice(2),
  {},
  () => process.stdin,
  ({ key, caller }) => {
    keyLength += key.length;
    callers.add(caller);
  },
);
if ("problems" in read) throw new Error(JSON.stringify(read.problems));
console.log(JSON.stringify({ ...read.counts, keyLength, callers: callers.size }));
