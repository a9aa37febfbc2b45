import { isAbsolute, relative, resolve, sep } from "node:path";

/** Returns the path of a file from the top of the checkout, with `/`; undefined outside of it. An empty top is the working folder. */
export function pathInCheckout(file: string, top: string): string | undefined {
  const path = relative(top === "" ? "." : top, resolve(file));
  const isInside = !isAbsolute(path) && path.split(sep, 1)[0] !== "..";
  return isInside ? path.replaceAll(sep, "/") : undefined;
}
