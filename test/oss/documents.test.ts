import { describe, expect, test } from "vitest";
import type { Live } from "../../src/policy/live.ts";
import { answering, errorDocument, hostileOss, type Behaviour } from "../support/hostile-oss.ts";
import { storeOver } from "../support/store.ts";

const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };
const policy = '{"Version":"1","Statement":[]}';

async function readFrom(behave: Behaviour): Promise<Live> {
  const oss = await hostileOss(behave);
  return (await storeOver(oss.url).get(bucket)).live;
}

function unreadable(message: string): object {
  return { state: "unreadable", problem: { message: expect.stringContaining(message) as string } };
}

describe("only OSS's own error document says that there is no policy", () => {
  const none = "NoSuchBucketPolicy";
  test.each<[string, string]>([
    ["as OSS writes it", errorDocument(none)],
    ["without a declaration, in one line", `<Error><Code>${none}</Code></Error>`],
    [
      "with a namespace",
      `<Error xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"><Code>${none}</Code></Error>`,
    ],
    ["with fields that are new", errorDocument(none, "<New><Code>x</Code></New><Empty/>")],
  ])("%s", async (_, body) => {
    expect(await readFrom(answering(404, body))).toEqual({ state: "none" });
  });

  const element = `<Code>${none}</Code>`;
  test.each<[string, string | Uint8Array]>([
    ["another root", `<html>${element}</html>`],
    ["a root in another case", `<error>${element}</error>`],
    ["a root with a prefix", `<a:Error xmlns:a="b">${element}</a:Error>`],
    ["deeper in", `<Error><Inner>${element}</Inner></Error>`],
    ["within the code", `<Error><Code><Code>${none}</Code></Code></Error>`],
    ["beside another code", `<Error><Code>AccessDenied</Code>${element}</Error>`],
    ["twice", `<Error>${element}${element}</Error>`],
    ["in a comment", `<Error><Code>AccessDenied</Code><!--${element}--></Error>`],
    ["with a comment in it", `<Error><Code>NoSuchBucket<!-- x -->Policy</Code></Error>`],
    ["in CDATA", `<Error><Code><![CDATA[${none}]]></Code></Error>`],
    ["in an attribute", `<Error Code="${none}"></Error>`],
    ["with an attribute", `<Error><Code x="1">${none}</Code></Error>`],
    ["by an entity of its own", `<!DOCTYPE l [<!ENTITY a "${none}">]><Error><Code>&a;</Code></Error>`],
    ["in another case", `<Error><Code>nosuchbucketpolicy</Code></Error>`],
    ["with white space", `<Error><Code> ${none} </Code></Error>`],
    ["text beside elements", `<Error>x${element}</Error>`],
    ["text before the root", `x<Error>${element}</Error>`],
    ["text behind the root", `<Error>${element}</Error>x`],
    ["a second root", `<Error>${element}</Error><Error><Code>AccessDenied</Code></Error>`],
    ["a tag that is not closed", `<Error>${element}`],
    ["cut off", `<Error><Code>${none}</Code`],
    ["closed by another tag", `<Error>${element}</Err>`],
    ["JSON", JSON.stringify({ Code: none })],
    ["plain text", none],
    ["a byte order mark first", `\uFEFF<Error>${element}</Error>`],
    ["UTF-16", Buffer.from(`\uFEFF<Error>${element}</Error>`, "utf16le")],
    [
      "bytes that are no UTF-8",
      Buffer.concat([Buffer.from(`<Error>${element}<M>`), Buffer.from([0xff]), Buffer.from("</M></Error>")]),
    ],
    ["deep elements", "<a>".repeat(5_000) + "</a>".repeat(5_000)],
    ["nothing", ""],
  ])("not: %s", async (_, body) => {
    const live = await readFrom(answering(404, body));
    expect(live).toMatchObject(unreadable("OSS answered 404"));
  });

  test.each([200, 201, 204, 206, 304, 400, 403, 405, 410, 500, 503])("not under %s", async (status) => {
    const live = await readFrom(answering(status, errorDocument(none)));
    expect(live.state).toBe("unreadable");
  });

  test("nor is a bucket missing by another document", async () => {
    const live = await readFrom(answering(404, "<html><Code>NoSuchBucket</Code></html>"));
    expect(live.state).toBe("unreadable");
  });

  test("nor is a deletion done", async () => {
    const oss = await hostileOss(answering(404, `<html>${element}</html>`));
    expect(await storeOver(oss.url).delete(bucket)).toMatchObject({ kind: "refused" });
  });
});

describe("only an object with a Statement is a policy", () => {
  test.each([
    policy,
    '{"Statement":[]}',
    '{"Statement":{"Effect":"Deny"}}',
    `\uFEFF${policy}`,
    ` \r\n${policy}\n`,
  ])("%s", async (body) => {
    expect(await readFrom(answering(200, body))).toMatchObject({ state: "policy", body });
  });

  test.each<[string, string | Uint8Array]>([
    ["an empty object", "{}"],
    ["an object of another kind", '{"Code":"AccessDenied","Message":"m"}'],
    ["a Version alone", '{"Version":"1"}'],
    ["a Statement that is null", '{"Version":"1","Statement":null}'],
    ["a Statement that is a text", '{"Version":"1","Statement":"none"}'],
    ["a Statement that is a number", '{"Version":"1","Statement":1}'],
    ["a statement in lower case", '{"version":"1","statement":[]}'],
    ["a policy within another object", `{"Policy":${policy}}`],
    ["a list", `[${policy}]`],
    ["null", "null"],
    ["a text", '"none"'],
    ["a number", "1"],
    ["a policy in a text", JSON.stringify(policy)],
    ["two policies", `${policy}${policy}`],
    ["half a policy", policy.slice(0, -1)],
    ["an error document", errorDocument("NoSuchBucketPolicy")],
    ["a page", "<html><body>log in</body></html>"],
    ["white space", " \n"],
    ["UTF-16", Buffer.from(policy, "utf16le")],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])("not: %s", async (_, body) => {
    expect(await readFrom(answering(200, body))).toMatchObject({ state: "unreadable" });
  });

  test.each<[string, Behaviour]>([
    [
      "a length that is longer than the body",
      (_, response) => {
        response.writeHead(200, { "content-length": "100000" }).write(policy);
        setTimeout(() => response.destroy(), 50);
      },
    ],
    [
      "a length that is shorter",
      ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${policy}`),
    ],
    ["an answer without a status", ({ socket }) => socket.end("SSH-2.0-x\r\n")],
  ])("not: %s", async (_, behave) => {
    expect(await readFrom(behave)).toMatchObject({ state: "unreadable" });
  });
});
