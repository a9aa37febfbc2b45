import type { JsonObject } from "../../src/policy/json.ts";
import { picker, type Pick } from "../soak/random.ts";
import { accountFile } from "./account.ts";
import { backgroundOf } from "./background.ts";
import { dangerousEdits, harmlessEdits } from "./edits.ts";
import type { Edit } from "./edit.ts";
import { rewritten, spelled, withVariables } from "./rewriting.ts";
import { sceneOf, shuffled, some } from "./scene.ts";
import { documentOf, type Statement } from "./statements.ts";
import type { Claim } from "./truth.ts";

/** A tree before and after a pull request that edits some of its buckets. */
export interface PullRequest {
  readonly seed: number;
  readonly edited: readonly EditedBucket[];
  /** Buckets that stay as they are. */
  readonly others: readonly { readonly bucket: string; readonly before: JsonObject }[];
}

/** A bucket with one edit, and the documents of its policy; the one after it may have variables. */
export interface EditedBucket {
  readonly bucket: string;
  readonly edit: Edit;
  readonly claim: Claim;
  readonly before: JsonObject | "none";
  readonly after: JsonObject | "none";
  /** Lines more of the file after the edit. */
  readonly more: string;
}

const kinds = [...harmlessEdits, ...dangerousEdits];

/**
 * Generates a pull request: the same for the same seed. The kind of its first edit goes round with the seed. A
 * half of those that begin with a harmless edit have no other.
 */
export function pullRequestOf(seed: number): PullRequest {
  const pick = picker(seed);
  const names = Array.from({ length: 5 + pick(26) }, (_, index) => `acme-${String(index).padStart(2, "0")}`);
  const count = 1 + pick(Math.min(8, names.length));
  const first = kinds[seed % kinds.length] ?? some(kinds, pick);
  const pool = first.effect === "danger" || pick(2) === 0 ? kinds : harmlessEdits;
  const [chosen, rest] = [names.slice(0, count), names.slice(count)];
  return {
    seed,
    edited: chosen.map((bucket, index) => editedBucket(bucket, index === 0 ? first : some(pool, pick), pick)),
    others: rest.map((bucket) => ({
      bucket,
      before: documentOf(backgroundOf(sceneOf(bucket, pick), false, pick)),
    })),
  };
}

/** Applies an edit to a bucket, and rewrites the result. */
export function editedBucket(bucket: string, edit: Edit, pick: Pick): EditedBucket {
  const scene = sceneOf(bucket, pick);
  const { before, after, ...claimed } = edit.make(scene);
  const background = before === "none" ? [] : backgroundOf(scene, edit.overHttp === true, pick);
  const whole = (side: readonly Statement[] | "none") => (side === "none" ? [] : [...background, ...side]);
  const was = shuffled(whole(before), pick);
  const is = after === "none" ? [] : rewritten(whole(after), pick);
  return {
    bucket,
    edit,
    claim: { ...claimed, edit, bucket, before: was, after: is },
    before: before === "none" ? "none" : documentOf(was),
    after: after === "none" ? "none" : withVariables(spelled(is, pick), bucket, pick),
    more: claimed.more ?? "",
  };
}

type Files = Readonly<Record<string, string>>;

/** Returns the files of both sides. A bucket without a policy before has no file then. */
export function filesOf({ edited, others }: PullRequest): { readonly before: Files; readonly after: Files } {
  const file = (bucket: string, policy: JsonObject | "none", more = "") =>
    [
      `policies/${bucket}.yaml`,
      `bucket: ${bucket}\npolicy: ${policy === "none" ? policy : JSON.stringify(policy)}\n${more}`,
    ] as const;
  const common = [
    ["policies/account.yaml", accountFile] as const,
    ...others.map(({ bucket, before }) => file(bucket, before)),
  ];
  return {
    before: Object.fromEntries([
      ...common,
      ...edited.flatMap(({ bucket, before }) => (before === "none" ? [] : [file(bucket, before)])),
    ]),
    after: Object.fromEntries([
      ...common,
      ...edited.map(({ bucket, after, more }) => file(bucket, after, more)),
    ]),
  };
}
