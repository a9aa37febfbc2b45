// `oss-server.js COUNT DELAY_MS PAIRS`: as much of OSS as a plan reads, in a process of its own. It checks no signature,
// so that a machine of two cores has time for who asks.
import type { AddressInfo } from "node:net";
import { ossListener } from "./oss-listener.ts";

const [count = 0, delayMs = 0, pairs = 0] = process.argv.slice(2).map(Number);
const server = ossListener(count, delayMs, pairs);
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
