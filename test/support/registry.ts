import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { onTestFinished } from "vitest";
import { packedTool } from "./packed.ts";
import { root } from "./tool-repository.ts";

/** Serves the packed tool as npm's registry does, and nothing else. Returns the address. */
export async function startRegistry(): Promise<string> {
  const tarball = readFileSync(packedTool());
  const path = `/oss-policy/-/${basename(packedTool())}`;
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host ?? ""}`;
    if (request.url === path) response.end(tarball);
    else if (request.url === "/oss-policy") response.end(JSON.stringify(packument(`${url}${path}`, tarball)));
    else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function packument(url: string, tarball: Buffer): object {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const version = String(manifest["version"]);
  return {
    name: "oss-policy",
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball: url, integrity } } },
  };
}
