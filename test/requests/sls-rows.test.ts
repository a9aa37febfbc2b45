import { describe, expect, test } from "vitest";
import { logLine, logOwner, readLines, slsLine } from "../support/log-lines.ts";

function only(fields: Readonly<Record<string, unknown>>) {
  const { requests, counts } = readLines(slsLine(fields));
  expect(counts).toMatchObject({ used: 1, skipped: {}, sources: { files: 0, sls: 1 } });
  return requests[0];
}

/** A row with a hyphen in each field. */
const nothingSaid = Object.fromEntries(
  Object.keys(JSON.parse(slsLine()) as object).map((name) => [name, "-"] as const),
);

test("a row is a request", () => {
  expect(only({})).toMatchObject({
    timeMs: 1_794_794_400_000,
    bucket: "data",
    owner: logOwner,
    caller: { kind: "uid", uid: "202147604049350001", account: logOwner },
    actions: ["oss:GetObject"],
    key: "raw/a.csv",
    source: "sls",
  });
});

test("lines of both sources may be mixed, with the mark of UTF-8 and empty lines", () => {
  const { counts } = readLines(`\ufeff${slsLine()},\r\n\n  \n${logLine()}\n`);
  expect(counts).toMatchObject({ read: 2, used: 2, skipped: {}, sources: { files: 1, sls: 1 } });
});

describe("a caller", () => {
  test.each([
    [{ requester_id: "-", extend_information: "-", access_id: "-" }, { kind: "anonymous" }],
    [{ requester_id: logOwner }, { kind: "owner", uid: logOwner }],
    [
      { extend_information: "1999999999999999,,,," },
      { kind: "uid", uid: "202147604049350001", account: "1999999999999999" },
    ],
    [{ extend_information: "" }, { kind: "uid", uid: "202147604049350001", account: undefined }],
    [
      { requester_id: "300024016803281053", extend_information: `${logOwner},etl,night,${logOwner},x,y` },
      { kind: "role session", arn: `arn:sts::${logOwner}:assumed-role/etl/night`, account: logOwner },
    ],
    [
      { requester_id: "300024016803281053", extend_information: "-", access_id: "STS.NTx" },
      { kind: "role", id: "300024016803281053" },
    ],
  ])("%j", (fields, caller) => {
    expect(only(fields)?.caller).toEqual(caller);
  });
});

test.each([
  [{ http_type: "https" }, "acs:SecureTransport", "true"],
  [{ http_type: "http" }, "acs:SecureTransport", "false"],
  [{ http_type: "-" }, "acs:SecureTransport", "unknown"],
  [{ vpc_id: "vpc-1" }, "acs:SourceVpc", "vpc-1"],
  [{ vpc_id: "-" }, "acs:SourceVpc", "absent"],
  [{ vpc_id: "" }, "acs:SourceVpc", "absent"],
  [{ vpc_id: undefined }, "acs:SourceVpc", "unknown"],
  [{ client_ip: "2001:db8::1" }, "acs:SourceIp", "2001:db8::1"],
  [{ client_ip: "::ffff:10.0.0.7" }, "acs:SourceIp", "::ffff:10.0.0.7"],
  [{ "User-Agent": "-" }, "acs:UserAgent", "unknown"],
  [{ access_id: "-", requester_id: "-" }, "acs:AccessId", "absent"],
])("%j: %s is %s", (fields, key, wanted) => {
  const request = only(fields);
  expect(request?.context.get(key) ?? (request?.absent.has(key) === true ? "absent" : "unknown")).toBe(
    wanted,
  );
});

test.each(["-", "", "10.0.0.7, 203.0.113.7", "10.0.0.7:443", "10.0.0.0/8", "unknown"])(
  "%j is no address",
  (client_ip) => {
    expect(only({ client_ip })?.context.has("acs:SourceIp")).toBe(false);
  },
);

test.each([
  ["/raw/a.csv?versionId=1", "oss:GetObjectVersion"],
  ["%2Fraw%2Fa.csv%3FversionId%3D1", "oss:GetObjectVersion"],
  ["GET /raw/a.csv?versionId=1 HTTP/1.1", "oss:GetObjectVersion"],
  ["/raw/a.csv", "oss:GetObject"],
])("the address %s", (request_uri, action) => {
  expect(only({ request_uri })).toMatchObject({ actions: [action], key: "raw/a.csv" });
});

test.each([
  [{ sync_request: "lifecycle", operation: "ExpireObject" }, "lifecycle"],
  [{ sign_type: "AdminSign" }, "service"],
  [{ http_status: "404", ec: "0026-00000001" }, "failed"],
  [{ http_status: 403, ec: "0003-00000101" }, "refused by a policy"],
  [{ http_status: "-" }, "broken line"],
  [{ __time__: "", time: "soon" }, "broken line"],
  [{ __topic__: "oss_metering_log" }, "other topic"],
  [{ bucket: "-", operation: "GetService" }, "no bucket"],
  [{ requester_id: "someone" }, "unknown caller"],
  [{ requester_id: "" }, "unknown caller"],
  [{ requester_id: undefined }, "unknown caller"],
  [{ request_uri: undefined }, "broken line"],
  [{ request_uri: "-" }, "broken line"],
  [nothingSaid, "other topic"],
  [{ ...nothingSaid, __topic__: "oss_access_log" }, "broken line"],
])("%j is counted as %s", (fields, reason) => {
  expect(readLines(slsLine(fields)).counts).toMatchObject({ read: 1, used: 0, skipped: { [reason]: 1 } });
});

test("a request by CDN is a request, from the node that OSS saw", () => {
  expect(only({ sync_request: "cdn" })?.context.get("acs:SourceIp")).toBe("10.0.0.7");
});

describe("a delete of many keys", () => {
  const call = (request_id: string, fields: object = {}) =>
    slsLine({
      http_method: "POST",
      request_uri: "/?delete",
      operation: "DeleteObjects",
      object: "-",
      request_id,
      ...fields,
    });
  const key = (request_id: string, object: string, fields: object = {}) =>
    slsLine({ __topic__: "oss_batch_delete_log", operation: "DeleteObjects", request_id, object, ...fields });

  test.each([
    ["before its keys", [call("1"), key("1", "a%20b"), key("1", "c")]],
    ["behind its keys", [key("1", "a%20b"), key("1", "c"), call("1")]],
    ["among its keys", [key("1", "a%20b"), call("1"), key("1", "c")]],
    [
      "without topics",
      [call("1"), key("1", "a%20b"), key("1", "c")].map((line) => line.replace(/"__topic__":"\w+",/, "")),
    ],
  ])("%s is a request for each", (_, lines) => {
    const { requests, counts } = readLines(lines.join("\n"));
    expect(requests.map(({ actions, key: seen, caller }) => [actions, seen, caller.kind])).toEqual([
      [["oss:DeleteObject"], "a b", "uid"],
      [["oss:DeleteObject"], "c", "uid"],
    ]);
    expect(counts).toMatchObject({ read: 2, used: 2, skipped: {} });
  });

  test("is on unknown keys without them, and keys without it are counted", () => {
    const { counts, requests } = readLines(
      [call("1"), key("2", "a"), key("2", "b"), call("3"), key("3", "c")].join("\n"),
    );
    expect(counts).toMatchObject({
      read: 4,
      used: 2,
      skipped: { "no request of a batch delete": 2 },
    });
    expect(requests.map(({ actions, key: on, isKeyUnknown }) => [actions, on, isKeyUnknown])).toEqual([
      [["oss:DeleteObject"], "c", undefined],
      [["oss:DeleteObject"], "", true],
    ]);
  });

  test("is joined with keys that say nothing else", () => {
    const bare = JSON.stringify({
      __topic__: "oss_batch_delete_log",
      __time__: "1794794400",
      bucket: "data",
      request_id: "1",
      object: "a",
    });
    expect(readLines([call("1"), bare].join("\n")).counts).toMatchObject({ read: 1, used: 1 });
  });

  test("of another bucket leaves none of its keys waiting", () => {
    const lines = [call("1", { bucket: "other" }), key("1", "a", { bucket: "other" })];
    expect(readLines(lines.join("\n"), { buckets: new Map([["data", logOwner]]) }).counts.skipped).toEqual({
      "other bucket": 2,
    });
  });

  test("a key that could not be deleted is counted as failed", () => {
    const { counts } = readLines(
      [call("1"), key("1", "a", { http_status: "403" }), key("1", "b")].join("\n"),
    );
    expect(counts).toMatchObject({ used: 1, skipped: { failed: 1 } });
  });

  test("gives up the oldest, so that the memory has a limit", () => {
    const count = 25_000;
    const lines = Array.from({ length: count }, (_, at) => key(`k${at}`, "a"));
    const { counts } = readLines([...lines, call("k0"), call(`k${count - 1}`)].join("\n"));
    expect(counts).toMatchObject({
      read: count + 1,
      used: 2,
      skipped: { "no request of a batch delete": count - 1 },
    });
  });

  test("takes no id or key that is longer than OSS writes, and loses no delete for it", () => {
    const [id, object] = ["x".repeat(257), "y".repeat(4_097)];
    const { requests, counts } = readLines([call(id), key(id, "a"), call("1"), key("1", object)].join("\n"));
    expect(counts).toMatchObject({ used: 2, skipped: { "broken line": 2 } });
    expect(requests.map(({ key: on, isKeyUnknown }) => [on, isKeyUnknown])).toEqual([
      ["", true],
      ["", true],
    ]);
  });

  test("in a log file is on unknown keys", () => {
    const line = logLine({ method: "POST", target: "/?delete", operation: "DeleteObjects", object: "-" });
    expect(readLines(line).requests).toMatchObject([
      { actions: ["oss:DeleteObject"], key: "", isKeyUnknown: true, caller: { kind: "uid" } },
    ]);
  });
});
