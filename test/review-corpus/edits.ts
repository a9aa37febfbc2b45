import { droppedConditions } from "./dropped-conditions.ts";
import type { Edit } from "./edit.ts";
import { grants } from "./grants.ts";
import { harmlessChanges } from "./harmless-changes.ts";
import { harmlessRewrites } from "./harmless-rewrites.ts";
import { overriddenDenies } from "./overridden-denies.ts";
import { weakenedConditions } from "./weakened-conditions.ts";

export const dangerousEdits: readonly Edit[] = [
  ...overriddenDenies,
  ...droppedConditions,
  ...weakenedConditions,
  ...grants,
];

export const harmlessEdits: readonly Edit[] = [...harmlessRewrites, ...harmlessChanges];
