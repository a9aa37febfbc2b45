import { sign } from "../../src/sandbox/auth/signature.ts";
import { signV1 } from "../../src/sandbox/auth/signature-v1.ts";
import { sandboxKey, type SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { rawCall, type RawAnswer, type RawCall } from "./sandbox.ts";

/** A signed form of PostObject; each part can be bent to make it wrong. */
export interface PostedForm {
  readonly bucket?: string;
  /** Fields beside those of the signature. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly conditions?: readonly unknown[];
  readonly expiresMs?: number;
  readonly nowMs?: number;
  readonly signer?: SandboxKey;
  readonly version?: "V1" | "V4" | "none";
  readonly region?: string;
  /** Fields that replace those of the signature; undefined leaves one out. */
  readonly changed?: Readonly<Record<string, string | undefined>>;
  readonly file?: Buffer | string;
  readonly fileName?: string;
  readonly fileType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts a form as a browser does: the file last. */
export function postForm(port: number, form: PostedForm): Promise<RawAnswer> {
  const { file = "hello", fileName = "a.txt", fileType = "text/plain" } = form;
  const parts = Object.entries(signedFields(form)).map(([name, value]) => fieldPart(name, value));
  return postParts(port, form, [...parts, filePart("file", Buffer.from(file), fileName, fileType)]);
}

/** Posts these parts, whatever they are. */
export function postParts(
  port: number,
  form: Pick<PostedForm, "bucket" | "headers">,
  parts: readonly Buffer[],
): Promise<RawAnswer> {
  return rawCall(port, {
    method: "POST",
    path: "/",
    headers: {
      host: `${form.bucket ?? "app"}.oss-cn-hangzhou.aliyuncs.com`,
      "content-type": `multipart/form-data; boundary=${boundary}`,
      ...form.headers,
    },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  } satisfies RawCall);
}

export const boundary = "9431149156168";

export function fieldPart(name: string, value: string): Buffer {
  return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
}

export function filePart(name: string, bytes: Buffer, fileName = "a.txt", type = "text/plain"): Buffer {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${fileName}"`;
  const head = `--${boundary}\r\n${disposition}\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n")]);
}

/** Returns all fields of a form, those of its signature included. */
export function signedFields(form: PostedForm): Readonly<Record<string, string>> {
  const {
    fields = {},
    signer = sandboxKey,
    version = "V1",
    nowMs = Date.now(),
    region = "cn-hangzhou",
  } = form;
  const own = { key: "up/a.txt", ...fields };
  if (version === "none") return own;
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = { date: stamp.slice(0, 8), region, product: "oss" };
  const v4 = {
    "x-oss-signature-version": "OSS4-HMAC-SHA256",
    "x-oss-credential": `${signer.id}/${scope.date}/${region}/oss/aliyun_v4_request`,
    "x-oss-date": stamp,
  };
  const conditions = [...(form.conditions ?? []), ...(version === "V4" ? [v4] : [])];
  const expiration = new Date(form.expiresMs ?? nowMs + 60_000).toISOString();
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString("base64");
  const token = signer.token === undefined ? {} : { "x-oss-security-token": signer.token };
  const signature =
    version === "V1"
      ? { OSSAccessKeyId: signer.id, Signature: signV1(policy, signer.secret) }
      : { ...v4, "x-oss-signature": sign(policy, signer.secret, scope) };
  const all = { ...own, policy, ...token, ...signature, ...form.changed };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
