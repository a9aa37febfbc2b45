import type { FileKind } from "../desired/file-kind.ts";
import { filesSchema } from "../desired/json-schema.ts";
import { isObject, type Json, type JsonObject } from "../policy/json.ts";

/** Key or value that a file can have at a place. */
export interface SchemaChoice {
  readonly name: string;
  readonly description: string;
}

/** Returns the keys that the map at a path of keys can have. */
export function keysAt(kind: FileKind, path: readonly string[]): readonly SchemaChoice[] {
  return schemasAt(kind, path).flatMap(({ properties }) =>
    Object.entries(objectOf(properties)).map(([name, value]) => ({
      name,
      description: descriptionOf(value),
    })),
  );
}

/** Returns the words that the value at a path of keys can be, as far as they are a closed list. */
export function valuesAt(kind: FileKind, path: readonly string[]): readonly SchemaChoice[] {
  return schemasAt(kind, path).flatMap((one) => {
    const { const: only, enum: some } = one;
    const words = typeof only === "string" ? [only] : Array.isArray(some) ? some : [];
    return words
      .filter((word) => typeof word === "string")
      .map((name) => ({ name, description: descriptionOf(one) }));
  });
}

/** Returns what is said about the key at the end of a path. */
export function keyDescription(kind: FileKind, path: readonly string[]): string | undefined {
  const own = keysAt(kind, path.slice(0, -1)).find(({ name }) => name === path.at(-1));
  return own?.description === "" ? undefined : own?.description;
}

let made: JsonObject | undefined;

/** The schema takes longer to make than a word to complete. */
function schema(): JsonObject {
  return (made ??= objectOf(JSON.parse(JSON.stringify(filesSchema())) as Json));
}

function schemasAt(kind: FileKind, path: readonly string[]): readonly JsonObject[] {
  const { then: interpretations, else: rest } = schema();
  const { then: account, else: others } = objectOf(rest);
  const { then: set, else: bucket } = objectOf(others);
  const tops: Readonly<Record<FileKind, Json | undefined>> = {
    account,
    interpretations,
    set,
    bucket,
    misplaced: set,
  };
  let schemas = alternatives(tops[kind]);
  for (const key of path) {
    schemas = schemas.flatMap(({ properties, additionalProperties }) =>
      alternatives(objectOf(properties)[key] ?? additionalProperties),
    );
  }
  return schemas;
}

/** Returns a schema as the alternatives that it stands for; of a list, those of its items. */
function alternatives(value: Json | undefined): readonly JsonObject[] {
  const one = objectOf(value);
  const { $ref, anyOf, oneOf, allOf, items } = one;
  if (typeof $ref === "string") {
    const name = $ref.replace("#/definitions/", "");
    return alternatives(objectOf(schema()["definitions"])[name]);
  }
  const parts = [anyOf, oneOf, allOf].flatMap((some) => (Array.isArray(some) ? some : []));
  return [one, ...parts.flatMap(alternatives), ...(items === undefined ? [] : alternatives(items))];
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function descriptionOf(value: Json): string {
  const { description } = objectOf(value);
  return typeof description === "string" ? description : "";
}
