import { anonymous, callerOf, type Caller } from "../auth/authenticate.ts";
import { postClaimOf } from "../auth/claim-post.ts";
import { contextHeader } from "../auth/context.ts";
import type { Directory } from "../auth/identity.ts";
import { postPolicyOf, postPolicyRefusal, type PostPolicy } from "../auth/post-policy.ts";
import { keyRefusal } from "../wire/place.ts";
import { PostFormError, readPostForm, type PostForm } from "../wire/post-form.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { renderXml } from "../wire/xml.ts";
import { quoted } from "./object-answer.ts";
import type { OperationResult } from "./operation.ts";
import { perform, type Call, type Performed } from "./perform.ts";

/** Call of PostObject: who makes it is in the form. */
export interface PostCall extends Omit<Call, "caller"> {
  readonly directory: Directory;
}

/**
 * Stores the file of a form as an object. The signature and the conditions are in the form; one in the header or in the
 * query counts for nothing (OSS docs: PostObject).
 */
export async function postObject(call: PostCall): Promise<Performed & { readonly caller?: Caller }> {
  const form = await readPostForm(call.headers, call.stream);
  if ("refusal" in form) return { outcome: form };
  const admitted = admittedForm(form, call);
  if ("refusal" in admitted) {
    form.drain();
    return { outcome: admitted };
  }
  const { caller, policy } = admitted;
  const target = targetOf(form, call);
  if ("refusal" in target) {
    form.drain();
    return { outcome: target, caller };
  }
  const { key, headers } = target;
  const route = {
    ...call.route,
    operation: "PutObject" as const,
    key,
    resource: `${call.route.resource}${key}`,
  };
  const stream = sized(form.file, policy?.sizes);
  try {
    const performed = await perform({ ...call, caller, route, headers, stream });
    if ("refusal" in performed.outcome) form.drain();
    return {
      ...performed,
      outcome: answered(performed.outcome, form, route.bucket ?? "", key, call),
      caller,
    };
  } catch (error) {
    form.drain();
    if (error instanceof PostFormError) return { outcome: error.refused, caller };
    throw error;
  }
}

interface AdmittedForm {
  readonly caller: Caller;
  readonly policy: PostPolicy | undefined;
}

/** Checks the signature of a form, and then what its policy says about the fields. */
function admittedForm({ fields, fileType }: PostForm, call: PostCall): AdmittedForm | Refused {
  const { route, nowMs, directory } = call;
  const claim = postClaimOf(fields, route.region, nowMs);
  if (claim === undefined) return { caller: anonymous, policy: undefined };
  if ("refusal" in claim) return claim;
  const caller = callerOf(claim, directory, nowMs);
  if ("refusal" in caller) return caller;
  const policy = postPolicyOf(fields.get("policy") ?? "");
  if ("refusal" in policy) return policy;
  const type = contentTypeOf(fields, fileType);
  // The conditions are about the values as they are sent, before `${filename}` is replaced (OSS docs: PostObject).
  const valueOf = (field: string): string | undefined => {
    if (field === "bucket") return route.bucket;
    return field === "content-type" ? type : fields.get(field);
  };
  const refused = postPolicyRefusal(policy, { valueOf, nowMs, required: claim.required });
  return refused ?? { caller, policy };
}

/** Fields that are headers of PutObject. */
const headerFields = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "expires",
  "x-oss-forbid-overwrite",
  "x-oss-object-acl",
  "x-oss-storage-class",
  "x-oss-server-side-encryption",
  "x-oss-server-side-data-encryption",
];

/** Fields whose features the sandbox does not have. */
const notModelled = ["callback", "x-oss-tagging"];

/** Returns the key, and the headers of the PutObject that the form stands for. */
function targetOf(
  { fields, fileName, fileType }: PostForm,
  { headers }: PostCall,
): { readonly key: string; readonly headers: Call["headers"] } | Refused {
  const unknown = notModelled.find((name) => fields.has(name));
  if (unknown !== undefined || "content-md5" in headers)
    return refuse("NotImplemented", {
      message: `The sandbox does not have ${unknown ?? "the header Content-MD5"} in PostObject.`,
    });
  const template = fields.get("key") ?? "";
  if (template === "")
    return refuse("IncorrectNumberOfFilesInPOSTRequest", { message: "The form has no field `key`." });
  const key = template.replaceAll("${filename}", () => fileName);
  const own = [...fields].filter(([name]) => headerFields.includes(name) || name.startsWith("x-oss-meta-"));
  const type = contentTypeOf(fields, fileType);
  const given = type === undefined ? own : [...own, ["content-type", type] as const];
  if (given.some(([, value]) => /[\0-\x08\n-\x1f\x7f]/.test(value)))
    return refuse("InvalidArgument", { message: "A field of the form has a control character." });
  const kept = ["user-agent", "x-oss-object-acl", contextHeader].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Headers have a character for each byte, and the length of the file is not known.
  const bytes = given.map(([name, value]) => [name, Buffer.from(value).toString("latin1")] as const);
  const all = Object.fromEntries([...kept, ...bytes, ["transfer-encoding", "chunked"]]);
  return keyRefusal(key) ?? { key, headers: all };
}

/** Returns the type of the object: that of x-oss-content-type, of the file, or of the field (OSS docs: PostObject). */
function contentTypeOf(fields: PostForm["fields"], fileType: string | undefined): string | undefined {
  return fields.get("x-oss-content-type") ?? fileType ?? fields.get("content-type");
}

/** Passes the file on, and fails as soon as it is too large, or when it ends too small (OSS docs: EC 0006-00000003, -04). */
async function* sized(
  file: AsyncIterable<Uint8Array>,
  sizes: PostPolicy["sizes"],
): AsyncIterable<Uint8Array> {
  const [least, most] = sizes ?? [0, Infinity];
  let size = 0;
  for await (const chunk of file) {
    size += chunk.byteLength;
    if (size > most) throw new PostFormError(sizeRefusal("EntityTooLarge", "0006-00000003"));
    yield chunk;
  }
  if (size < least) throw new PostFormError(sizeRefusal("EntityTooSmall", "0006-00000004"));
}

function sizeRefusal(code: "EntityTooLarge" | "EntityTooSmall", ec: string): Refused {
  return refuse(code, {
    ec,
    message: "The size of the file is not in the content-length-range of the policy.",
  });
}

/** Answers a success as the form asks: with a redirect, or with 200, 201 or 204 (OSS docs: PostObject). */
function answered(
  outcome: OperationResult,
  { fields }: PostForm,
  bucket: string,
  key: string,
  { route }: PostCall,
): OperationResult {
  if ("refusal" in outcome) return outcome;
  const { headers = {} } = outcome;
  const redirect = fields.get("success_action_redirect");
  // That the answer is 303, and names nothing of the object, is inferred. The sandbox itself makes no call.
  if (redirect !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(redirect))
    return { status: 303, body: "", headers: { ...headers, Location: redirect } };
  const etag = headers["ETag"] ?? quoted("");
  const location = `http://${bucket}.oss-${route.region ?? "cn-hangzhou"}.aliyuncs.com/${encodeURIComponent(key)}`;
  const status = fields.get("success_action_status");
  if (status !== "201") return { status: status === "200" ? 200 : 204, body: "", headers };
  const nodes = { Bucket: bucket, ETag: etag, Key: key, Location: location };
  const body = renderXml(["PostResponse", Object.entries(nodes)]);
  return { status: 201, body, contentType: "application/xml", headers: { ...headers, Location: location } };
}
