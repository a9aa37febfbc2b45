import type { Decision, Request } from "../../src/access/request.ts";
import { request, type Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

/** One kind of edit of a policy. */
export interface Edit {
  readonly kind: string;
  /** Codes of hazards, of which a review must show one; none for a harmless edit. The first is what the edit does. */
  readonly raises: readonly string[];
  readonly effect: Effect;
  /** The edit is about requests without TLS, which no other statement may deny. */
  readonly overHttp?: true;
  make(scene: Scene): Edited;
}

/**
 * Effect on access: none, only losses and new denials, gains of one known caller that had none of this, or a
 * danger.
 */
export type Effect = "equal" | "narrows" | "gains" | "danger";

/** The statements before and after an edit; the background is added to both. */
export interface Edited {
  readonly before: readonly Statement[] | "none";
  readonly after: readonly Statement[] | "none";
  /** Requests whose decisions show what the edit does. */
  readonly shows?: readonly Shown[];
  /** Caller that gains. */
  readonly gainer?: string;
  /** Lines more of the file. */
  readonly more?: string;
}

export interface Shown {
  readonly request: Request;
  readonly was: Decision;
  readonly is: Decision;
}

type Asked = Parameters<typeof request>;

const shown =
  (was: Decision, is: Decision) =>
  (...asked: Asked): Shown => ({ request: request(...asked), was, is });

export const opened = shown("deny", "allow");
export const gained = shown("none", "allow");
export const kept = shown("allow", "allow");
export const lifted = shown("deny", "none");
export const lost = shown("allow", "none");
export const denied = shown("allow", "deny");

export function danger(kind: string, raises: readonly string[], make: Edit["make"]): Edit {
  return { kind, raises, effect: "danger", make };
}

export function dangerOverHttp(kind: string, raises: readonly string[], make: Edit["make"]): Edit {
  return { ...danger(kind, raises, make), overHttp: true };
}

export function harmless(kind: string, effect: Exclude<Effect, "danger">, make: Edit["make"]): Edit {
  return { kind, raises: [], effect, make };
}
