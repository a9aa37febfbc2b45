import { prove } from "../access/query.ts";
import type { QueriedPolicy } from "./access-queries.ts";
import { eachColumn, sceneOf, type MatrixColumn } from "./matrix-cells.ts";

/** What a policy leaves to the owner, who can do everything that no statement denies. */
export type OwnerCell = "all" | "partly denied" | "denied" | "undecided";

export type OwnerCells = Readonly<Record<MatrixColumn, OwnerCell>>;

/** Decides what a policy leaves to the owner of the bucket, by access level. */
export function ownerRow({ policy, bucket }: QueriedPolicy): OwnerCells {
  return eachColumn((column) => {
    const scene = sceneOf(bucket, "owner", column);
    const kept = prove(policy, bucket, scene, "not denied");
    if (kept.kind !== "broken") return kept.kind === "proved" ? "all" : "undecided";
    return prove(policy, bucket, scene, "denied").kind === "proved" ? "denied" : "partly denied";
  });
}
