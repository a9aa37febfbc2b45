import { operationOf, type Operation } from "../operations/table.ts";
import { placeOf, type RequestTarget } from "./place.ts";
import type { Refused } from "./wire-error.ts";

/** Target of a request, and the operation that it means. */
export interface Route extends RequestTarget {
  readonly operation: Operation;
}

/** Returns the operation of a request and the place that it is about. `headers` are by name in lower case. */
export function routeOf(
  method: string,
  host: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Route | Refused {
  const place = placeOf(host, url);
  if ("refusal" in place) return place;
  const { bucket, key, query } = place;
  const on = bucket === undefined ? "service" : key === "" ? "bucket" : "object";
  const names = query.map(([name]) => name);
  return { ...place, operation: operationOf(method, on, names, headers) };
}
