import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loggedHeadersField, slsLine } from "../support/log-lines.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const etl = "202147604049350001";
const old = "202147604049350009";

describe("what an upload may have needed beside its own action", () => {
  const wide = `bucket: data
region: cn-hangzhou
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["${etl}"]
      Action: ["oss:PutObject", "oss:PutObjectTagging", "oss:GetObject"]
      Resource: ["acs:oss:*:*:data/*"]
    - Effect: Allow
      Principal: ["${old}"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:*:data/*"]
`;
  const other = wide.replaceAll("data", "other");
  const upload = (name: string, headers: Readonly<Record<string, string>> | undefined) =>
    slsLine({
      requester_id: etl,
      http_method: "PUT",
      operation: name,
      ...(headers === undefined ? {} : { user_defined_log_fields: loggedHeadersField(headers) }),
    });
  const unseenIn = async (trees: Readonly<Record<string, string>>, ...lines: readonly string[]) => {
    const files = { "account.yaml": accountFile, ...trees };
    const [folder, log] = [writeTree(files), writeTree({ log: lines.join("\n") })];
    const json = join(log, "unused.json");
    const words = ["access", "unused", "--policies", folder, "--requests", join(log, "log"), "--json", json];
    await runCli(words, { wallTime: () => new Date("2026-11-24T00:00:00Z") });
    const { unused } = JSON.parse(readFileSync(json, "utf8")) as {
      unused: readonly { bucket: string; part: string; actions: readonly string[] }[];
    };
    return unused.map(({ bucket, part, actions }) => `${bucket} ${part} ${actions.join()}`);
  };
  const unseenOf = (...lines: readonly string[]) =>
    unseenIn({ "data.yaml": wide, "other.yaml": other }, ...lines);

  test("tags that the log does not have count as set", async () => {
    const found = await unseenOf(upload("PutObject", undefined));
    expect(found).toEqual(["data action oss:GetObject", "data statement oss:GetObject"]);
    expect(await unseenOf(upload("PutObject", { "x-oss-acl": "private" }))).toEqual(found);
  });

  test("an object of any bucket counts as read by a copy whose source the log does not have", async () => {
    const inOther = slsLine({
      requester_id: etl,
      bucket: "other",
      host: "other.oss-cn-hangzhou.aliyuncs.com",
    });
    const found = await unseenOf(upload("CopyObject", undefined), inOther.replaceAll(etl, "1"));
    expect(found).toEqual([
      "data statement oss:GetObject",
      "other action oss:PutObject",
      "other action oss:PutObjectTagging",
      "other statement oss:GetObject",
    ]);
  });

  test("a source that the log has is what was read", async () => {
    const found = await unseenOf(
      upload("CopyObject", { "x-oss-copy-source": "/elsewhere/a", "x-oss-tagging": "a=b" }),
    );
    expect(found).toEqual(["data action oss:GetObject", "data statement oss:GetObject"]);
  });

  const granting = (actions: string, condition = "") => `bucket: data
region: cn-hangzhou
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["${etl}"]
      Action: [${actions}]
      Resource: ["acs:oss:*:*:data/*"]
${condition}`;

  test("tags count only under the conditions that the upload may meet", async () => {
    const condition = '      Condition: { StringNotLike: { "acs:UserAgent": ["curl*"] } }\n';
    const data = granting('"oss:PutObject", "oss:PutObjectTagging"', condition);
    const statement = ["data statement oss:PutObject,oss:PutObjectTagging"];
    expect(await unseenIn({ "data.yaml": data }, upload("PutObject", undefined))).toEqual(statement);
    const wget = upload("PutObject", undefined).replace("curl/8.7.1", "wget");
    expect(await unseenIn({ "data.yaml": data }, wget)).toEqual([]);
  });

  const reads = ["", "Version"].flatMap((of) => [`oss:GetObject${of}`, `oss:GetObject${of}Tagging`]).sort();
  const reading = { "data.yaml": granting(reads.map((name) => `"${name}"`).join(", ")) };

  test("a copy may have taken the tags of its source, and the copy of a part takes none", async () => {
    expect(await unseenIn(reading, upload("CopyObject", undefined))).toEqual([]);
    expect(await unseenIn(reading, upload("UploadPartCopy", undefined))).toEqual([
      "data action oss:GetObjectTagging",
      "data action oss:GetObjectVersionTagging",
    ]);
    const from = (source: string) => upload("CopyObject", { "x-oss-copy-source": source });
    expect(await unseenIn(reading, from("/data/raw/b"))).toEqual([
      "data action oss:GetObjectVersion",
      "data action oss:GetObjectVersionTagging",
    ]);
    expect(await unseenIn(reading, from("/data/raw/b?versionId=1"))).toEqual([
      "data action oss:GetObject",
      "data action oss:GetObjectTagging",
    ]);
  });

  test("a delete of many objects may have named versions, and that of one object did not", async () => {
    const files = { "data.yaml": granting('"oss:DeleteObject", "oss:DeleteObjectVersion"') };
    const row = { requester_id: etl, operation: "DeleteObjects" };
    const batch = [
      slsLine({ ...row, http_method: "POST", request_uri: "/?delete", object: "-" }),
      slsLine({ ...row, __topic__: "oss_batch_delete_log", object: "raw%2Fa" }),
    ];
    const single = slsLine({ requester_id: etl, http_method: "DELETE", operation: "DeleteObject" });
    expect(await unseenIn(files, single)).toEqual(["data action oss:DeleteObjectVersion"]);
    expect(await unseenIn(files, single, ...batch)).toEqual([]);
  });
});
