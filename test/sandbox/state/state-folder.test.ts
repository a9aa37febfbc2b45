import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorld } from "../../../src/sandbox/state/world.ts";
import { putText, textOf, withFolder } from "../../support/state.ts";

const seed = [{ name: "app", region: "cn-hangzhou" }];

test("a folder of the first version is read, and its buckets have no objects", () =>
  withFolder((folder) => {
    const bucket = { name: "old", region: "cn-beijing", createdAt: "2026-01-02T03:04:05.000Z", policy: "x" };
    writeFileSync(join(folder, "old.json"), JSON.stringify(bucket));
    const world = openWorld([], folder);
    expect([world.bucket("old"), world.objects("old").isEmpty()]).toEqual([bucket, true]);
    world.close();
    expect(readFileSync(join(folder, "version"), "utf8")).toBe("2\n");
  }));

test("a folder of another version is refused and stays as it is", () =>
  withFolder((folder) => {
    writeFileSync(join(folder, "version"), "3\n");
    expect(() => openWorld(seed, folder)).toThrow(/has version `3`, and this sandbox reads version 2/);
    expect(readdirSync(folder)).toEqual(["version"]);
  }));

test("two sandboxes never share a folder, and the next one may have it", () =>
  withFolder((folder) => {
    const first = openWorld(seed, folder);
    expect(() => openWorld(seed, folder)).toThrow(`is in use by the sandbox with process ID ${process.pid}`);
    first.close();
    openWorld(seed, folder).close();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  }));

test("the lock of a running process is kept, that of an ended one is taken over", () =>
  withFolder(async (folder) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(join(folder, "lock"), `${child.pid}\n`);
    expect(() => openWorld(seed, folder)).toThrow(`process ID ${child.pid}`);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    const world = openWorld(seed, folder);
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
    world.close();
  }));

// In a container every run has the same process ID: its own lock would lock it out for ever.
test.each([String(process.pid), "", "x"])("a lock of an earlier run that reads `%s` is stale", (text) =>
  withFolder((folder) => {
    writeFileSync(join(folder, "lock"), text);
    openWorld(seed, folder).close();
  }),
);

test("a folder that cannot be opened is free again", () =>
  withFolder((folder) => {
    writeFileSync(join(folder, "bad.json"), "{");
    expect(() => openWorld(seed, folder)).toThrow("bad.json");
    rmSync(join(folder, "bad.json"));
    openWorld(seed, folder).close();
  }));

test("what a kill left half-written is gone at the next start", () =>
  withFolder(async (folder) => {
    const first = openWorld(seed, folder);
    const kept = putText(first, "app", "kept", "kept");
    first.close();
    const log = join(folder, "objects", "app.log");
    const { size } = statSync(log);
    writeFileSync(join(folder, "bodies", "0".repeat(32)), "half");
    writeFileSync(join(folder, "app.json.tmp"), "{");
    writeFileSync(join(folder, "objects", "app.log.tmp"), "{");
    writeFileSync(join(folder, "objects", "gone.log"), "x");
    appendFileSync(log, '[{"put":{"key":"ha');

    const second = openWorld(seed, folder);
    expect(statSync(log).size).toBe(size);
    expect(readdirSync(join(folder, "objects"))).toEqual(["app.log"]);
    expect(readdirSync(join(folder, "bodies"))).toHaveLength(1);
    putText(second, "app", "new", "new");
    second.close();

    const third = openWorld(seed, folder);
    expect([...third.objects("app").all()].map(({ key }) => key)).toEqual(["kept", "new"]);
    expect(await textOf(third.bodies, kept)).toBe("kept");
    third.close();
  }));

// Whatever byte a kill comes at, each change is whole or absent, and later ones are not lost with it.
test("a log that is cut at any byte opens, with the changes before the cut", () =>
  withFolder((folder) => {
    const first = openWorld(seed, folder);
    for (const key of ["a", "b", "c"]) putText(first, "app", key, key);
    first.close();
    const log = join(folder, "objects", "app.log");
    const text = readFileSync(log);
    for (let size = text.length; size >= 0; size -= 7) {
      truncateSync(log, size);
      const world = openWorld(seed, folder);
      const whole = text.toString("utf8", 0, size).split("\n").length - 1;
      expect([...world.objects("app").all()].map(({ key }) => key)).toEqual(["a", "b", "c"].slice(0, whole));
      world.close();
    }
  }));

test("a log with a line that is no change stops the start and is named", () =>
  withFolder((folder) => {
    openWorld(seed, folder).close();
    writeFileSync(join(folder, "objects", "app.log"), '[]\n[{"put":{"key":"a"}}]\n');
    expect(() => openWorld(seed, folder)).toThrow(/line 2 of the state file `[^`]*app\.log`/);
  }));

test("a change that cannot be written is not made, and the next one can", () =>
  withFolder((folder) => {
    const world = openWorld(seed, folder);
    rmSync(join(folder, "objects"), { recursive: true });
    const object = { ...putTextTo(() => putText(world, "app", "a", "x")) };
    expect(object).toEqual({ code: "ENOENT" });
    expect(world.objects("app").get("a")).toBeUndefined();
    world.close();
  }));

// A log that only grows makes each start slower than the one before.
test("a log that is much longer than its content is written anew", () =>
  withFolder((folder) => {
    const first = openWorld(seed, folder);
    const object = putText(first, "app", "a", "x");
    for (let count = 0; count < 310; count += 1) first.objects("app").put({ ...object, etag: String(count) });
    const lines = readFileSync(join(folder, "objects", "app.log"), "utf8").split("\n").length - 1;
    expect(lines).toBeLessThan(210);
    first.close();
    const second = openWorld(seed, folder);
    expect(second.objects("app").get("a")?.etag).toBe("309");
    second.close();
  }));

function putTextTo(put: () => unknown): { code: unknown } {
  try {
    put();
    return { code: "none" };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code };
  }
}
