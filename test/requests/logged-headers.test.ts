import { describe, expect, test } from "vitest";
import type { WantedRequests } from "../../src/requests/understand.ts";
import { loggedHeadersField, logOwner, readLines, slsLine } from "../support/log-lines.ts";

type Fields = Readonly<Record<string, unknown>>;

const upload = (headers: unknown, fields: Fields = {}) =>
  slsLine({
    http_method: "PUT",
    operation: "PutObject",
    user_defined_log_fields: loggedHeadersField(headers),
    ...fields,
  });

function only(line: string) {
  const { requests, counts } = readLines(line);
  expect(counts).toMatchObject({ read: 1, used: 1, skipped: {} });
  return requests[0];
}

/** What a request says of a condition key: its value, or that it is absent or unknown. */
function said(line: string, key: string): string {
  const request = only(line);
  const isAbsent =
    request?.absent.has(key) === true || request?.absent.has(key.slice(0, key.indexOf("/") + 1));
  return request?.context.get(key) ?? (isAbsent === true ? "absent" : "unknown");
}

const objectAcl = "oss:x-oss-object-acl";

describe("an ACL in a header", () => {
  test.each([
    ["is known", upload({ "x-oss-object-acl": "public-read" }), "public-read"],
    ["is known in any case", upload({ "X-Oss-Object-Acl": "private" }), "private"],
    ["is unknown if the header is not in the log", upload({ "user-agent": "curl" }), "unknown"],
    ["is unknown if it is empty", upload({ "x-oss-object-acl": "" }), "unknown"],
    ["is unknown if it is a hyphen", upload({ "x-oss-object-acl": "-" }), "unknown"],
    ["is unknown if it is no text", upload({ "x-oss-object-acl": ["private"] }), "unknown"],
    [
      "is unknown if the header is there twice",
      upload({ "x-oss-object-acl": "private", "X-OSS-OBJECT-ACL": "public-read" }),
      "unknown",
    ],
    [
      "is unknown if something was cut off",
      upload({}, { user_defined_log_fields: loggedHeadersField({ "x-oss-object-acl": "priv" }, true) }),
      "unknown",
    ],
    ["is unknown without the field", upload({}, { user_defined_log_fields: undefined }), "unknown"],
    ["is unknown if the field is a hyphen", upload({}, { user_defined_log_fields: "-" }), "unknown"],
    ["is unknown if the field is no base64", upload({}, { user_defined_log_fields: "{}" }), "unknown"],
    ["is unknown if the field is no object", upload({}, { user_defined_log_fields: "W10=" }), "unknown"],
    ["is unknown if there are no headers", upload(null), "unknown"],
    [
      "is absent for a read",
      upload({ "x-oss-object-acl": "private" }, { http_method: "GET", operation: "GetObject" }),
      "absent",
    ],
    [
      "is unknown for a form, whose fields are in no log",
      upload(
        { "x-oss-object-acl": "private" },
        { http_method: "POST", operation: "PostObject", request_uri: "/" },
      ),
      "unknown",
    ],
  ])("%s", (_, line, wanted) => {
    expect(said(line, objectAcl)).toBe(wanted);
  });

  test("of a bucket is known", () => {
    const fields = { request_uri: "/?acl", object: "-", operation: "PutBucketAcl" };
    const line = upload({ "x-oss-acl": "public-read" }, fields);
    expect(only(line)?.actions).toEqual(["oss:PutBucketAcl"]);
    expect(said(line, "oss:x-oss-acl")).toBe("public-read");
    expect(said(line, objectAcl)).toBe("absent");
  });
});

describe("tags in a header", () => {
  const tags = (text: string, fields: Fields = {}) => upload({ "x-oss-tagging": text }, fields);
  const key = (name: string) => `oss:RequestObjectTag/${name}`;

  test.each([
    ["k=v", "k", "v"],
    ["a=b&k=v", "k", "v"],
    ["a%20b=%E6%97%A5", "a b", "日"],
    ["k=a=b", "k", "a=b"],
    ["k=", "k", ""],
    ["k", "k", ""],
    ["a=b", "k", "absent"],
    ["k=a+b", "k", "unknown"],
    ["k=%ff", "k", "unknown"],
    ["k=v&k=w", "k", "unknown"],
    // A log that encodes the header once more.
    ["k%3Dv", "k", "unknown"],
    ["k%3Dv", "k=v", "unknown"],
  ])("%s: %s is %j", (text, name, wanted) => {
    expect(said(tags(text), key(name))).toBe(wanted);
  });

  test("need the right to set them, too", () => {
    expect(only(tags("k=v"))?.actions).toEqual(["oss:PutObject", "oss:PutObjectTagging"]);
    expect(only(tags("k=a+b"))?.actions).toEqual(["oss:PutObject", "oss:PutObjectTagging"]);
    const append = {
      http_method: "POST",
      operation: "AppendObject",
      request_uri: "/raw/a.csv?append&position=0",
    };
    expect(only(tags("k=v", append))?.actions).toEqual(["oss:PutObject", "oss:PutObjectTagging"]);
    expect(only(upload({}))?.actions).toEqual(["oss:PutObject"]);
  });

  test("are not those that a request sets by its body", () => {
    const line = tags("k=v", { request_uri: "/raw/a.csv?tagging", operation: "PutObjectTagging" });
    expect([only(line)?.actions, said(line, key("k"))]).toEqual([["oss:PutObjectTagging"], "unknown"]);
  });
});

test("requests share their condition keys if they have the same headers, and only then", () => {
  const line = (acl: string, request_id: string) =>
    upload({ "x-oss-object-acl": acl, "x-oss-copy-source": `/other/${request_id}` }, { request_id });
  const lines = [line("private", "1"), line("private", "2"), line("public-read", "3"), upload({}), slsLine()];
  const { requests } = readLines(lines.join("\n"), { buckets: new Map([["data", logOwner]]) });
  expect(requests).toHaveLength(5);
  expect(requests[1]?.context).toBe(requests[0]?.context);
  expect(requests.slice(2).map(({ context }) => context.get(objectAcl))).toEqual([
    "public-read",
    undefined,
    undefined,
  ]);
});

describe("the source of a copy", () => {
  const other = "1999999999999999";
  const wanted: WantedRequests = {
    buckets: new Map([
      ["data", logOwner],
      ["source", logOwner],
      ["theirs", other],
    ]),
  };
  const copy = (source: string, fields: Fields = {}) =>
    upload(
      { "x-oss-copy-source": source, "x-oss-object-acl": "private" },
      { operation: "CopyObject", ...fields },
    );
  const read = (line: string) => readLines(line, wanted);

  test.each([
    ["/source/raw/a.csv", "oss:GetObject", "raw/a.csv"],
    ["source/raw/a.csv", "oss:GetObject", "raw/a.csv"],
    ["%2Fsource%2Fraw%2Fa.csv", "oss:GetObject", "raw/a.csv"],
    ["/source/raw/a%20b%3F.csv", "oss:GetObject", "raw/a b?.csv"],
    ["/source/raw/a+b%2B.csv", "oss:GetObject", "raw/a b+.csv"],
    ["/source/a?versionId=CAEQ", "oss:GetObjectVersion", "a"],
    ["/source/a?versionId=", "oss:GetObject", "a"],
  ])("%s is a request beside the line", (text, action, key) => {
    const { requests, counts } = read(copy(text));
    expect(requests.map(({ bucket, actions, key: seen }) => [bucket, actions, seen])).toEqual([
      ["source", [action], key],
      ["data", ["oss:PutObject"], "raw/a.csv"],
    ]);
    expect(counts).toMatchObject({ read: 1, used: 1, skipped: {}, copySources: 1 });
  });

  test("is read by the same caller from the same place, without what the copy sets", () => {
    const [source, target] = read(copy("/source/a")).requests;
    expect(source).toMatchObject({ caller: target?.caller, timeMs: target?.timeMs, owner: logOwner });
    expect([source?.context.get("acs:SourceIp"), source?.context.get("acs:SecureTransport")]).toEqual([
      "10.0.0.7",
      "true",
    ]);
    expect([source?.absent.has(objectAcl), target?.context.get(objectAcl)]).toEqual([true, "private"]);
  });

  test.each([
    ["/unmanaged/a", "a bucket that is not looked at"],
    ["/source", "no key"],
    ["/source/", "an empty key"],
    ["", "nothing"],
    ["/source/%ff", "no text"],
  ])("%s, %s, is not counted", (text) => {
    const { requests, counts } = read(copy(text));
    expect(requests.map(({ bucket }) => bucket)).toEqual(["data"]);
    expect(counts).toMatchObject({ read: 1, used: 1, skipped: {}, copySources: 0 });
  });

  test("counts also where the copy is in a bucket that is not looked at", () => {
    const { requests, counts } = read(copy("/source/a", { bucket: "unmanaged" }));
    expect(requests.map(({ bucket }) => bucket)).toEqual(["source"]);
    expect(counts).toMatchObject({ read: 1, used: 0, skipped: { "other bucket": 1 }, copySources: 1 });
  });

  test.each([
    ["that failed", { http_status: "403" }],
    ["outside of the window", { __time__: "1500000000" }],
    ["by a caller that is hidden", { requester_id: "2021*" }],
    ["that is no copy", { operation: "PutBucketAcl", request_uri: "/?acl", object: "-" }],
    ["into a bucket of before, of another account", { owner_id: other }],
  ])("of a request %s is none", (_, fields) => {
    const { counts } = readLines(copy("/source/a", fields), { ...wanted, sinceMs: 1_600_000_000_000 });
    expect(counts.copySources).toBe(0);
  });

  test("in a bucket of another account is read by a caller of another account", () => {
    const owner = { requester_id: logOwner, extend_information: "-" };
    const of = (source: string) => read(copy(source, owner)).requests[0];
    expect(of("/source/a")?.caller).toEqual({ kind: "owner", uid: logOwner });
    expect(of("/theirs/a")).toMatchObject({
      owner: other,
      caller: { kind: "uid", uid: logOwner, account: logOwner },
    });
  });

  test("of a part is one, too", () => {
    const part = { operation: "UploadPartCopy", request_uri: "/raw/a.csv?partNumber=1&uploadId=1" };
    expect(read(copy("/source/a", part)).counts.copySources).toBe(1);
  });
});
