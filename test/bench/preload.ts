// Loaded before a process that is measured: hosts under .bench.test are this machine, and CPU time is reported at the end.
import dns, { type LookupAddress, type LookupOptions } from "node:dns";
import { writeSync } from "node:fs";

type Done = (error: null, address: string | LookupAddress[], family?: number) => void;

const address = { address: "127.0.0.1", family: 4 };
const lookup = dns.lookup as (host: string, options: LookupOptions, done: Done) => void;

dns.lookup = ((host: string, options: LookupOptions, done: Done) => {
  if (!host.endsWith(".bench.test")) return lookup(host, options, done);
  process.nextTick(() => {
    if (options.all === true) done(null, [address]);
    else done(null, address.address, address.family);
  });
}) as typeof dns.lookup;

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeSync(2, `cpu ${Math.round((user + system) / 1_000)} ms\n`);
});
