import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SandboxUpload } from "../../../src/sandbox/state/object.ts";
import { openWorld, type World } from "../../../src/sandbox/state/world.ts";
import { putText, textOf, withFolder } from "../../support/state.ts";

const seed = [{ name: "app", region: "cn-hangzhou" }];

test("objects survive a restart with everything that they have", () =>
  withFolder(async (folder) => {
    const first = openWorld(seed, folder);
    const object = putText(first, "app", "é/\u2028\n😀", "hello");
    first.objects("app").put({
      ...object,
      key: "rich",
      type: "Symlink",
      target: "é",
      acl: "public-read",
      storageClass: "IA",
      headers: { "content-type": "text/plain", "x-oss-meta-a": "b" },
      tags: { team: "data" },
    });
    const before = [...first.objects("app").all()];
    first.close();

    const second = openWorld(seed, folder);
    expect([...second.objects("app").all()]).toEqual(before);
    expect(await textOf(second.bodies, before[0]!)).toBe("hello");
    second.close();
  }));

test("a replaced and a deleted object leave no file", () =>
  withFolder((folder) => {
    const world = openWorld(seed, folder);
    putText(world, "app", "a", "one");
    putText(world, "app", "a", "two");
    putText(world, "app", "b", "three");
    world.objects("app").remove(["b", "absent"]);
    expect(bodyFiles(folder)).toHaveLength(1);
    expect([...world.objects("app").all()].map(({ key }) => key)).toEqual(["a"]);
    world.close();
  }));

test("an object that is put again with the same body keeps it", () =>
  withFolder(async (folder) => {
    const world = openWorld(seed, folder);
    const object = putText(world, "app", "a", "same");
    world.objects("app").put({ ...object, acl: "private" });
    expect(await textOf(world.bodies, world.objects("app").get("a")!)).toBe("same");
    world.close();
  }));

// A bucket that is created again must not show the objects of the old one.
test("a deleted bucket takes its objects and their files along", () =>
  withFolder((folder) => {
    const world = openWorld(seed, folder);
    putText(world, "app", "a", "one");
    const bucket = world.bucket("app")!;
    world.remove("app");
    world.put(bucket);
    expect(world.objects("app").isEmpty()).toBe(true);
    world.close();
    expect([bodyFiles(folder), readdirSync(join(folder, "objects"))]).toEqual([[], []]);
  }));

test("an upload and its parts survive a restart, and end with the object that they make", () =>
  withFolder((folder) => {
    const first = openWorld(seed, folder);
    first.objects("app").startUpload(upload("u1", "big"));
    putPart(first, "u1", 2, "two");
    putPart(first, "u1", 1, "old");
    putPart(first, "u1", 1, "one");
    first.close();

    const second = openWorld(seed, folder);
    const objects = second.objects("app");
    expect(objects.parts("u1").map(({ number }) => number)).toEqual([1, 2]);
    expect([objects.upload("u1"), objects.isEmpty()]).toEqual([upload("u1", "big"), false]);
    expect(bodyFiles(folder)).toHaveLength(2);
    const object = putText(second, "app", "other", "x");
    const segments = objects.parts("u1").flatMap(({ body }) => body.segments);
    objects.put({ ...object, key: "big", type: "Multipart", body: { size: 6, crc64: "1", segments } }, "u1");
    expect([objects.upload("u1"), objects.parts("u1")]).toEqual([undefined, []]);
    expect(bodyFiles(folder)).toHaveLength(3);
    second.close();
  }));

test("an aborted upload leaves no file", () =>
  withFolder((folder) => {
    const world = openWorld(seed, folder);
    world.objects("app").startUpload(upload("u1", "big"));
    putPart(world, "u1", 1, "one");
    world.objects("app").abortUpload("u1");
    expect([bodyFiles(folder), world.objects("app").isEmpty()]).toEqual([[], true]);
    world.close();
  }));

test("uploads are listed by key and ID, from after both", () => {
  const world = openWorld(seed, undefined);
  const objects = world.objects("app");
  for (const [id, key] of [
    ["3", "b"],
    ["1", "b"],
    ["2", "b"],
    ["4", "a"],
    ["5", "c/d"],
  ] as const)
    objects.startUpload(upload(id, key));
  const ids = (after: string, afterId?: string) =>
    objects.uploadPage({ prefix: "", delimiter: "", after, maxKeys: 10 }, afterId).items.map(({ id }) => id);
  expect([ids(""), ids("b"), ids("b", "1"), ids("b", "3"), ids("aa", "9")]).toEqual([
    ["4", "1", "2", "3", "5"],
    ["5"],
    ["2", "3", "5"],
    ["5"],
    ["1", "2", "3", "5"],
  ]);
  const page = objects.uploadPage({ prefix: "", delimiter: "/", after: "", maxKeys: 3 });
  expect(page.next).toEqual({ key: "b", item: upload("2", "b") });
});

function bodyFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, "bodies"));
}

function upload(id: string, key: string): SandboxUpload {
  const startedAt = "2026-01-02T03:04:05.000Z";
  return { id, key, startedAt, acl: "default", storageClass: "Standard", headers: {}, tags: {} };
}

function putPart(world: World, id: string, number: number, text: string): void {
  const body = world.bodies.store(Buffer.from(text));
  const { size, crc64, segments, md5 } = body;
  const modifiedAt = "2026-01-02T03:04:05.000Z";
  world.objects("app").putPart(id, { number, etag: md5, modifiedAt, body: { size, crc64, segments } });
  world.bodies.drop(body);
}
