import type { JsonObject } from "../../policy/json.ts";
import { eachColumn, type MatrixCells } from "../../proof/matrix-cells.ts";
import type { Extent } from "../../proof/extent.ts";
import { extentText } from "../extent-text.ts";
import { termJson, wordJson } from "./access.ts";

export function cellsJson(cells: MatrixCells): JsonObject {
  return eachColumn((column) => extentJson(cells[column]));
}

/** Returns an extent as JSON. `on` and the members after it are absent unless something is allowed. */
function extentJson(extent: Extent): JsonObject {
  const text = extentText(extent);
  if (extent.kind === "none") return { extent: "none", text };
  if (extent.kind === "undecided") return { extent: "undecided", text, cause: extent.cause };
  const { bucket, keys, condition, needsTls, isOfSomeSessions, isOpen, isObserved } = extent;
  return {
    extent: "some",
    text,
    on: { bucket, keys: keys.map((term) => termJson(term, wordJson)) },
    conditional: condition,
    needsTls,
    someSessions: isOfSomeSessions,
    undocumented: isOpen,
    observed: isObserved,
  };
}
