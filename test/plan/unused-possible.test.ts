import { describe, expect, test } from "vitest";
import { searchBuckets } from "../../src/plan/grant-searches.ts";
import { searchGrants } from "../../src/plan/unused-grants.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import { allow, bucket, owner, policyOf, seen } from "./replay-worlds.ts";

const curl = { Condition: { StringLike: { "acs:UserAgent": ["curl*"] } } };
const notCurl = { Condition: { StringNotLike: { "acs:UserAgent": ["curl*"] } } };
const agent = (name: string) => ({ context: new Map([["acs:UserAgent", name]]) });

/** The parts that no request met, each as `statement part actions`. */
function unmet(statements: readonly JsonObject[], ...requests: readonly SeenRequest[]): readonly string[] {
  const search = searchGrants(policyOf(...statements), bucket);
  for (const request of requests) {
    search.add(request);
    if (request.mayNeed !== undefined) search.addCopy(request);
  }
  return search
    .result()
    .grants.map(({ statement, part, actions }) => `${statement} ${part} ${actions.join()}`);
}

describe("a request on objects whose keys the log does not have", () => {
  const unknownKeys = (more: Partial<SeenRequest> = {}) => seen({ key: "", isKeyUnknown: true, ...more });
  const raw = { Resource: ["acs:oss:*:*:data/raw/*", "acs:oss:*:*:data/tmp/*"] };

  test("counts for every grant of its caller that covers its action on some object", () => {
    expect(unmet([allow(raw)], unknownKeys())).toEqual([]);
    expect(unmet([allow(raw)], seen({ key: "" }))).toEqual(["0 statement oss:DeleteObject"]);
    expect(unmet([allow({ Principal: ["203"] })], unknownKeys())).toEqual(["0 statement oss:DeleteObject"]);
    expect(unmet([allow({ Action: ["oss:PutObject"] })], unknownKeys())).toEqual([
      "0 statement oss:PutObject",
    ]);
  });

  test("counts only under conditions that it may meet", () => {
    expect(unmet([allow(curl)], unknownKeys(agent("curl/8")))).toEqual([]);
    expect(unmet([allow(notCurl)], unknownKeys(agent("curl/8")))).toEqual(["0 statement oss:DeleteObject"]);
    expect(unmet([allow(curl)], unknownKeys())).toEqual([]);
  });

  test("may have deleted versions, and is another one than a delete of the same class with its key", () => {
    const versions = allow({ Action: ["oss:DeleteObject", "oss:DeleteObjectVersion"] });
    expect(unmet([versions], unknownKeys())).toEqual([]);
    expect(unmet([versions], seen({ key: "" }), unknownKeys())).toEqual([]);
    expect(unmet([versions], seen())).toEqual(["0 action oss:DeleteObjectVersion"]);
  });
});

describe("actions that a request may have needed", () => {
  const tagging = { own: ["oss:PutObjectTagging"], anywhere: [] };
  const upload = (more: Partial<SeenRequest>) =>
    seen({ actions: ["oss:PutObject"], mayNeed: tagging, ...more });
  const tags = { Action: ["oss:PutObjectTagging"] };
  const unmetTags = ["0 statement oss:PutObjectTagging"];

  test("are weighed with what is known of the request", () => {
    expect(unmet([allow({ ...tags, ...notCurl })], upload(agent("curl/8")))).toEqual(unmetTags);
    expect(unmet([allow({ ...tags, ...curl })], upload(agent("curl/8")))).toEqual([]);
    expect(unmet([allow({ ...tags, ...notCurl })], upload(agent("curl/8")), upload(agent("wget")))).toEqual(
      [],
    );
    const noAgent = { context: new Map(), absent: new Set(["acs:UserAgent"]) };
    expect(unmet([allow({ ...tags, ...curl })], upload(noAgent))).toEqual(unmetTags);
  });

  test("are on the object of an upload", () => {
    const tmp = allow({ ...tags, Resource: ["acs:oss:*:*:data/tmp/*"] });
    expect(unmet([tmp], upload({}))).toEqual(unmetTags);
    expect(unmet([tmp], upload({}), upload({ key: "tmp/a" }))).toEqual([]);
  });

  test("are not those of a request of the same actions that needed no other", () => {
    const plain = upload({ mayNeed: undefined });
    expect(unmet([allow(tags)], plain)).toEqual(unmetTags);
    expect(unmet([allow(tags)], plain, upload({}))).toEqual([]);
  });

  test("of a wildcard are apart from those that were seen", () => {
    const search = searchGrants(policyOf(allow({ Action: ["oss:Put*"] })), bucket);
    search.add(upload({}));
    const wildcard = (extra: readonly string[], possible: readonly string[]) => [
      { wildcard: { word: "oss:Put*", seen: ["oss:PutObject", ...extra], possible } },
    ];
    expect(search.result().grants).toMatchObject(wildcard([], ["oss:PutObjectTagging"]));
    search.add(seen({ actions: ["oss:PutObjectTagging"] }));
    expect(search.result().grants).toMatchObject(wildcard(["oss:PutObjectTagging"], []));
  });
});

describe("the unknown source of a copy", () => {
  const needs = { own: [], anywhere: ["oss:GetObject"] };
  const copy = (more: Partial<SeenRequest> = {}) =>
    seen({ actions: ["oss:PutObject"], bucket: "other", mayNeed: needs, ...more });
  const read = { Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/raw/*"] };
  const unread = ["0 statement oss:GetObject"];
  const unreadAfter = (statement: JsonObject, ...copies: readonly SeenRequest[]) => {
    const other = { name: "other", owner };
    const searches = searchBuckets([
      { policy: policyOf(allow({ ...read, ...statement })), bucket },
      { policy: "none", bucket: other },
    ]);
    const stranger: SeenRequest["caller"] = { kind: "uid", uid: "999", account: undefined };
    for (const one of [seen({ actions: ["oss:GetObject"], caller: stranger }), ...copies]) searches.add(one);
    const { grants = [] } = searches.resultOf("data") ?? {};
    return grants.map(({ statement: at, part }) => `${at} ${part}`);
  };

  test("may be any object of any bucket, under the conditions that the copy may meet", () => {
    expect(unmet([allow({ ...read, ...notCurl })], copy(agent("curl/8")))).toEqual(unread);
    expect(unmet([allow({ ...read, ...curl })], copy(agent("curl/8")))).toEqual([]);
    expect(unreadAfter(notCurl, copy(agent("curl/8")))).toEqual(["0 statement"]);
    expect(unreadAfter(notCurl, copy(agent("curl/8")), copy(agent("wget")))).toEqual([]);
  });

  test("that may have a key is looked at beside one without it", () => {
    const noAgent = { Condition: { StringNotEquals: { "acs:UserAgent": ["curl"] } } };
    const known = { context: new Map<string, string>() };
    const isThere = copy({ context: new Map([["acs:UserAgent", "curl"]]) });
    expect(unreadAfter(noAgent, isThere)).toEqual(["0 statement"]);
    expect(unreadAfter(noAgent, isThere, copy(known))).toEqual([]);
    const isAgent = { Condition: { StringEquals: { "acs:UserAgent": ["curl"] } } };
    const absent = copy({ ...known, absent: new Set(["acs:UserAgent"]) });
    expect(unreadAfter(isAgent, absent)).toEqual(["0 statement"]);
    expect(unreadAfter(isAgent, absent, copy(known))).toEqual([]);
  });

  test("is of the time of the copy", () => {
    const early = { Condition: { DateLessThan: { "acs:CurrentTime": ["2026-11-16T00:00:00Z"] } } };
    const { context, absent } = copy();
    const late = copy({ context, absent });
    expect(unreadAfter(early, late)).toEqual(["0 statement"]);
    expect(
      unreadAfter(early, late, copy({ context, absent, timeMs: Date.parse("2026-11-01T00:00:00Z") })),
    ).toEqual([]);
  });

  test("is read without the headers and the access point of the copy", () => {
    const acl = { Condition: { StringEquals: { "oss:x-oss-object-acl": ["private"] } } };
    expect(unreadAfter(acl, copy({ context: new Map([["oss:x-oss-object-acl", "public-read"]]) }))).toEqual(
      [],
    );
    expect(unreadAfter(acl, copy({ absent: new Set(["oss:x-oss-object-acl"]) }))).toEqual([]);
  });
});
