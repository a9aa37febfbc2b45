import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { SandboxObject } from "../../src/sandbox/state/object.ts";
import { bytesInMemory, type Bodies } from "../../src/sandbox/state/bodies.ts";
import type { World } from "../../src/sandbox/state/world.ts";

/** An empty folder for as long as `use` runs. */
export async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "oss-sandbox-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve();
    yield typeof part === "string" ? Buffer.from(part) : part;
  }
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

export async function textOf(bodies: Bodies, { body }: SandboxObject): Promise<string> {
  const bytes = bytesInMemory(body) ?? (await readAll(bodies.stream(body)));
  return Buffer.from(bytes).toString();
}

/** Stores an object as PutObject does. */
export function putText(world: World, bucket: string, key: string, text: string): SandboxObject {
  const body = world.bodies.store(Buffer.from(text));
  const { size, crc64, segments, md5 } = body;
  const object: SandboxObject = {
    key,
    type: "Normal",
    body: { size, crc64, segments },
    etag: md5,
    modifiedAt: "2026-01-02T03:04:05.000Z",
    acl: "default",
    storageClass: "Standard",
    headers: {},
    tags: {},
  };
  world.objects(bucket).put(object);
  world.bodies.drop(body);
  return object;
}
