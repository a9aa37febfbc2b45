import type { Bodies } from "./bodies.ts";
import { compareKeys } from "./key-order.ts";
import { readPage, type KeyPage, type KeyQuery } from "./key-page.ts";
import type { SandboxObject, SandboxUpload, UploadedPart } from "./object.ts";
import type { ObjectChange, ObjectLog } from "./object-log.ts";
import { sortedMap, type SortedMap } from "./sorted-map.ts";

/** Objects and multipart uploads of one bucket. Each change is whole: the last of several for a key wins. */
export interface BucketObjects {
  get(key: string): SandboxObject | undefined;
  /** Stores an object in place of the one with its key. It ends the upload that it is made of, if any. */
  put(object: SandboxObject, upload?: string): void;
  /** Deletes these keys; they may be absent. */
  remove(keys: readonly string[]): void;
  page(query: KeyQuery): KeyPage<SandboxObject>;
  /** Returns all objects in byte order of their keys. */
  all(): Iterable<SandboxObject>;
  upload(id: string): SandboxUpload | undefined;
  /** Returns the parts of an upload by number. */
  parts(id: string): readonly UploadedPart[];
  startUpload(upload: SandboxUpload): void;
  /** Stores a part in place of the one with its number. */
  putPart(upload: string, part: UploadedPart): void;
  abortUpload(id: string): void;
  /** Lists uploads by key and ID; `afterId` is the last one of the key `query.after` that is left out. */
  uploadPage(query: KeyQuery, afterId?: string): KeyPage<SandboxUpload>;
  /** Returns true without objects and uploads. */
  isEmpty(): boolean;
  /** Forgets everything: the bucket is deleted. */
  drop(): void;
}

/** Opens the objects that a log has. */
export function openObjects(bodies: Bodies, log: ObjectLog): BucketObjects {
  const state = openState(bodies);
  for (const change of log.load()) state.apply(change);
  const { objects, uploads } = state;
  const commit = (...changes: readonly ObjectChange[]): void => {
    if (changes.length === 0) return;
    log.append(changes);
    for (const change of changes) state.apply(change);
    log.compact(state.entries, state.snapshot);
  };
  return {
    get: (key) => objects.get(key),
    put: (object, upload) => {
      commit({ put: object }, ...(upload === undefined ? [] : [{ end: upload }]));
    },
    remove: (keys) => {
      commit(...keys.filter((key) => objects.has(key)).map((key) => ({ remove: key })));
    },
    page: (query) =>
      readPage(query, function* (from) {
        for (const [key, object] of objects.from(from)) if (key !== query.after) yield [key, object];
      }),
    all: function* () {
      for (const [, object] of objects.from("")) yield object;
    },
    upload: (id) => uploads.get(id)?.upload,
    parts: (id) => [...(uploads.get(id)?.parts.values() ?? [])].sort((a, b) => a.number - b.number),
    startUpload: (upload) => {
      commit({ start: upload });
    },
    putPart: (upload, part) => {
      commit({ part, upload });
    },
    abortUpload: (id) => {
      commit({ end: id });
    },
    uploadPage: (query, afterId) => readPage(query, uploadsFrom(uploads, query.after, afterId)),
    isEmpty: () => objects.size === 0 && uploads.size === 0,
    drop: () => {
      log.remove();
      state.clear();
    },
  };
}

interface OpenUpload {
  readonly upload: SandboxUpload;
  readonly parts: Map<number, UploadedPart>;
}

interface ObjectState {
  readonly objects: SortedMap<SandboxObject>;
  readonly uploads: ReadonlyMap<string, OpenUpload>;
  apply(change: ObjectChange): void;
  /** Returns the number of objects, uploads and parts. */
  entries(): number;
  /** Returns changes that make this state. */
  snapshot(): Iterable<ObjectChange>;
  clear(): void;
}

/** Keeps what changes make, and holds the bodies in it. */
function openState(bodies: Bodies): ObjectState {
  const objects = sortedMap<SandboxObject>();
  const uploads = new Map<string, OpenUpload>();
  const remove = (key: string): void => {
    const object = objects.get(key);
    objects.delete(key);
    if (object !== undefined) bodies.drop(object.body);
  };
  const end = (id: string): void => {
    for (const part of uploads.get(id)?.parts.values() ?? []) bodies.drop(part.body);
    uploads.delete(id);
  };
  const putPart = (id: string, part: UploadedPart): void => {
    const parts = uploads.get(id)?.parts;
    if (parts === undefined) return;
    bodies.hold(part.body);
    const before = parts.get(part.number);
    if (before !== undefined) bodies.drop(before.body);
    parts.set(part.number, part);
  };
  return {
    objects,
    uploads,
    apply: (change) => {
      if ("put" in change) {
        // Held before the old one is dropped: both may have the same segments.
        bodies.hold(change.put.body);
        remove(change.put.key);
        objects.set(change.put.key, change.put);
      } else if ("remove" in change) remove(change.remove);
      else if ("start" in change) uploads.set(change.start.id, { upload: change.start, parts: new Map() });
      else if ("part" in change) putPart(change.upload, change.part);
      else end(change.end);
    },
    entries: () => [...uploads.values()].reduce((sum, { parts }) => sum + parts.size + 1, objects.size),
    snapshot: function* () {
      for (const [, object] of objects.from("")) yield { put: object };
      for (const { upload, parts } of uploads.values()) {
        yield { start: upload };
        for (const part of parts.values()) yield { part, upload: upload.id };
      }
    },
    clear: () => {
      for (const [key] of [...objects.from("")]) remove(key);
      for (const id of [...uploads.keys()]) end(id);
    },
  };
}

/** Lists uploads from a key on, without those up to `afterId` of the key `after`. */
function uploadsFrom(uploads: ReadonlyMap<string, OpenUpload>, after: string, afterId: string | undefined) {
  const sorted = [...uploads.values()]
    .map(({ upload }) => [upload.key, upload] as const)
    .sort(([a, { id: one }], [b, { id: other }]) => compareKeys(a, b) || compareKeys(one, other));
  const isLeftOut = ([key, { id }]: readonly [string, SandboxUpload]): boolean =>
    key === after && (afterId === undefined || compareKeys(id, afterId) <= 0);
  return (from: string) => sorted.filter((entry) => compareKeys(entry[0], from) >= 0 && !isLeftOut(entry));
}
