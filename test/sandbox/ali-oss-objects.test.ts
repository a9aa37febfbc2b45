import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { md5 } from "../support/objects.ts";
import { seedOf } from "../support/sandbox.ts";

interface Result {
  readonly res: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
}

/** The part of the real client's own interface that a user would call; its package has no types. */
interface RealClient {
  put(key: string, body: Buffer, options?: object): Promise<Result>;
  get(key: string, options?: object): Promise<Result & { readonly content: Buffer }>;
  head(key: string): Promise<Result & { readonly meta: Readonly<Record<string, string>> | null }>;
  getObjectMeta(key: string): Promise<Result>;
  delete(key: string): Promise<Result>;
  deleteMulti(keys: readonly string[], options?: object): Promise<{ readonly deleted: unknown }>;
  copy(key: string, source: string, options?: object): Promise<{ readonly data: { readonly etag: string } }>;
  append(
    key: string,
    body: Buffer,
    options?: object,
  ): Promise<Result & { readonly nextAppendPosition: string }>;
  multipartUpload(key: string, body: Buffer, options: object): Promise<{ readonly etag: string }>;
  list(query: object): Promise<Listing>;
  listV2(query: object): Promise<Listing>;
  putACL(key: string, acl: string): Promise<Result>;
  getACL(key: string): Promise<{ readonly acl: string }>;
  putObjectTagging(key: string, tags: object): Promise<unknown>;
  getObjectTagging(key: string): Promise<{ readonly tag: object }>;
  deleteObjectTagging(key: string): Promise<unknown>;
  putSymlink(key: string, target: string, options?: object): Promise<Result>;
  getSymlink(key: string): Promise<{ readonly targetName: string }>;
}

interface Listing {
  readonly objects?: readonly { readonly name: string; readonly size: number; readonly etag: string }[];
  readonly prefixes: readonly string[] | null;
  readonly isTruncated: boolean;
  readonly nextMarker?: string | null;
  readonly nextContinuationToken?: string | null;
}

const OSS = createRequire(import.meta.url)("ali-oss") as new (options: object) => RealClient;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
});
afterAll(() => sandbox.close());

describe.each([
  ["V1", false],
  ["V4", true],
])("ali-oss with %s", (name, authorizationV4) => {
  const key = (text: string) => `${name}/${text}`;
  let client: RealClient;
  beforeAll(() => {
    client = new OSS({
      accessKeyId: sandboxKey.id,
      accessKeySecret: sandboxKey.secret,
      region: "oss-cn-hangzhou",
      endpoint: sandbox.url,
      bucket: "app",
      secure: false,
      authorizationV4,
    });
  });

  test("puts, reads, copies and deletes an object", async () => {
    const odd = key("a b+c&é.txt");
    const body = Buffer.from("0123456789");
    await client.put(odd, body, { meta: { author: "alice" }, mime: "text/plain" });
    const { content, res } = await client.get(odd);
    expect([content.toString(), res.headers["content-type"]]).toEqual(["0123456789", "text/plain"]);
    expect((await client.get(odd, { headers: { Range: "bytes=2-4" } })).content.toString()).toBe("234");
    expect((await client.head(odd)).meta).toEqual({ author: "alice" });
    expect((await client.getObjectMeta(odd)).res.headers["content-length"]).toBe("10");
    const { data } = await client.copy(key("copy"), odd);
    expect(data.etag.replaceAll('"', "")).toBe(md5(body, "hex").toUpperCase());
    expect((await client.delete(odd)).res.status).toBe(204);
    await expect(client.get(odd)).rejects.toMatchObject({ code: "NoSuchKey", status: 404 });
  });

  test("appends", async () => {
    const first = await client.append(key("log"), Buffer.from("one"));
    await client.append(key("log"), Buffer.from("two"), { position: first.nextAppendPosition });
    expect((await client.get(key("log"))).content.toString()).toBe("onetwo");
  });

  test("uploads in parts", async () => {
    const body = Buffer.alloc(250 * 1024, "0123456789");
    await client.multipartUpload(key("parts"), body, { partSize: 100 * 1024, parallel: 3 });
    expect((await client.get(key("parts"))).content.equals(body)).toBe(true);
  });

  test("lists and deletes many", async () => {
    for (const each of ["list/1", "list/2", "list/sub/3"]) await client.put(key(each), Buffer.from("x"));
    const prefix = key("list/");
    const first = await client.list({ prefix, delimiter: "/", "max-keys": 2 });
    expect([first.objects?.map(({ name: each }) => each), first.isTruncated]).toEqual([
      [key("list/1"), key("list/2")],
      true,
    ]);
    const rest = await client.list({ prefix, delimiter: "/", marker: first.nextMarker });
    expect([rest.objects ?? [], rest.prefixes]).toEqual([[], [key("list/sub/")]]);
    const page = await client.listV2({ prefix, "max-keys": "2" });
    const token = page.nextContinuationToken;
    const next = await client.listV2({ prefix, "continuation-token": token });
    expect(next.objects?.map(({ name: each }) => each)).toEqual([key("list/sub/3")]);
    await client.deleteMulti([key("list/1"), key("list/2"), key("list/sub/3")]);
    expect((await client.listV2({ prefix })).objects ?? []).toEqual([]);
  });

  test("sets ACLs, tags and symlinks", async () => {
    await client.put(key("set"), Buffer.from("x"));
    await client.putACL(key("set"), "public-read");
    expect((await client.getACL(key("set"))).acl).toBe("public-read");
    await client.putObjectTagging(key("set"), { team: "data" });
    expect((await client.getObjectTagging(key("set"))).tag).toEqual({ team: "data" });
    await client.deleteObjectTagging(key("set"));
    expect((await client.getObjectTagging(key("set"))).tag).toEqual({});
    await client.putSymlink(key("link"), key("set"));
    expect((await client.getSymlink(key("link"))).targetName).toBe(key("set"));
    expect((await client.get(key("link"))).content.toString()).toBe("x");
  });
});
