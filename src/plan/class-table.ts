import type { SeenCaller, SeenRequest } from "../requests/seen-request.ts";
import type { RequestClasses } from "./request-classes.ts";
import { shortNames } from "./short-names.ts";

/** Classes that are kept; more are looked at again. */
const maxClasses = 100_000;
/** More than the actions of the catalogue, alone and in the pairs that a request can need. */
const maxActions = 4_096;
/** More than a class of keys can be as a number. */
const targetBits = 2 ** 29;

/** Numbers of what the requests of a log share. Replays of many buckets share one of these: it then stays in the processor's cache. */
export interface RequestNames {
  readonly ofCaller: (caller: SeenCaller) => number;
  readonly ofActions: (actions: readonly string[]) => number;
  /** Number of the condition keys of a request. */
  readonly ofContext: (request: SeenRequest) => number;
}

export function requestNames(): RequestNames {
  return {
    ofCaller: shortNames<SeenCaller>((caller) => JSON.stringify(caller)),
    ofActions: shortNames<readonly string[]>((actions) => actions.join(" and ")),
    ofContext: contextNames(),
  };
}

/** Contexts that are kept: a website has as many as visitors. */
const maxContexts = 20_000;

function contextNames(): RequestNames["ofContext"] {
  const known = new Map<SeenRequest["context"], { absent: SeenRequest["absent"]; name: number }>();
  let next = 0;
  return ({ context, absent }) => {
    const found = known.get(context);
    if (found?.absent === absent) return found.name;
    if (known.size >= maxContexts) known.clear();
    next += 1;
    known.set(context, { absent, name: next });
    return next;
  };
}

/** Function from a request to what belongs to its class. Numbers are looked up, since most requests are of a known class. */
export function classTable<T>(
  { ofCaller, ofActions, ofContext: nameOfContext }: RequestNames,
  { ofContext, ofTarget }: RequestClasses,
  make: (request: SeenRequest, className: string) => T,
): (request: SeenRequest) => T {
  const table = new Map<number, Map<number | string, T>>();
  const contexts = new Map<number, number>();
  const classOfContext = (request: SeenRequest): number => {
    const name = nameOfContext(request);
    const known = contexts.get(name);
    if (known !== undefined) return known;
    if (contexts.size >= maxContexts) contexts.clear();
    const made = ofContext(request);
    contexts.set(name, made);
    return made;
  };
  let size = 0;
  return (request) => {
    const whose = ofCaller(request.caller) * maxActions + ofActions(request.actions);
    const context = classOfContext(request);
    const target = ofTarget(request);
    const place = typeof target === "number" ? context * targetBits + target : `${context} ${target}`;
    const found = table.get(whose)?.get(place);
    if (found !== undefined) return found;
    if (size >= maxClasses) {
      table.clear();
      size = 0;
    }
    const made = make(request, `${context} ${target}`);
    entry(table, whose, () => new Map<number | string, T>()).set(place, made);
    size += 1;
    return made;
  };
}

/** Returns the value of a key, which is made the first time. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
