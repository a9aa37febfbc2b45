// Both verbs are almost all of the same code, so they are one bundle.
export { grant } from "./grant.ts";
export { revoke } from "./revoke.ts";
