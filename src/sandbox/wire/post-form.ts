import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { Readable } from "node:stream";
import { refuse, type Refused } from "./wire-error.ts";

/** Form of PostObject up to its file, which is read as it arrives. */
export interface PostForm {
  /** Fields before the file, by name in lower case: OSS does not look at the case of names (OSS docs: PostObject). */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** Content-Type of the file's part. */
  readonly fileType: string | undefined;
  /** Bytes of the file. Throws a `PostFormError` if the form turns out to be wrong before its end. */
  readonly file: AsyncIterable<Uint8Array>;
  /** Reads what is left of the form, so that the client receives the answer. */
  drain(): void;
}

/** Refusal that is known only when the file has been read. */
export class PostFormError extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.refusal.message);
    this.refused = refused;
  }
}

/** Limits of the fields before the file; OSS documents that there are some, but not how large they are. */
const limits = { fieldNameSize: 1024, fieldSize: 64 * 1024, fields: 1000, files: 2, headerPairs: 100 };

/** Reads the fields of a form up to its file, which must be the last one (OSS docs: PostObject). */
export async function readPostForm(
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<Uint8Array>,
): Promise<PostForm | Refused> {
  const contentType = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\s*;.*\bboundary=/i.test(contentType)) return malformed();
  const source = Readable.from(body, { objectMode: false });
  const drain = (): void => {
    source.unpipe();
    source.resume();
  };
  source.on("error", () => undefined);
  const parser = new Busboy({
    headers: { "content-type": contentType },
    limits,
    // The file may also be a text without a name (OSS docs: PostObject).
    isPartAFile: (name, _type, fileName) => isFileField(name) || fileName !== undefined,
  });
  const form = await firstFile(source, parser);
  if ("refusal" in form) drain();
  return "refusal" in form ? form : { ...form, drain };
}

function firstFile(source: Readable, parser: BusboyInstance): Promise<Omit<PostForm, "drain"> | Refused> {
  const fields = new Map<string, string>();
  let isFound = false;
  let wrong: Refused | undefined;
  const finished = new Promise<void>((resolve) => {
    parser.on("finish", resolve);
    parser.on("error", () => {
      wrong ??= malformed();
      resolve();
    });
    source.on("error", () => {
      wrong ??= malformed();
      resolve();
    });
  });
  return new Promise((resolve) => {
    parser.on("field", (name, value, isNameCut, isValueCut) => {
      if (isNameCut || isValueCut) wrong ??= refuse("FieldItemTooLong");
      // Of a field that occurs twice the first value counts, which is inferred from signed URLs.
      if (!isFound && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value);
    });
    parser.on("fieldsLimit", () => {
      wrong ??= malformed();
    });
    parser.on("file", (name, stream, fileName, _encoding, fileType) => {
      if (isFound || !isFileField(name)) {
        wrong ??= wrongFiles();
        stream.resume();
        return;
      }
      isFound = true;
      const file = checked(stream, finished, () => wrong);
      // The types of the parser hide that a part may have no name; its type is then made up.
      const named: string | undefined = fileName;
      const part = named === undefined ? { fileName: "", fileType: undefined } : { fileName, fileType };
      resolve(wrong ?? { fields, ...part, file });
    });
    void finished.then(() => {
      resolve(wrong ?? wrongFiles());
    });
    source.pipe(parser);
  });
}

function isFileField(name: string | undefined): boolean {
  return name?.toLowerCase() === "file";
}

/** Returns the bytes of the file. They end only when the whole form has been read and was right. */
async function* checked(
  stream: BusboyFileStream,
  finished: Promise<void>,
  wrong: () => Refused | undefined,
): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch {
    throw new PostFormError(malformed());
  }
  await finished;
  const refused = wrong();
  if (refused !== undefined) throw new PostFormError(refused);
}

function malformed(): Refused {
  return refuse("MalformedPOSTRequest");
}

function wrongFiles(): Refused {
  return refuse("IncorrectNumberOfFilesInPOSTRequest", {
    message: "The form must have exactly one file, in the field `file`.",
  });
}
