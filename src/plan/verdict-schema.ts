/** Schema of the verdict in the JSON of a plan. */

import * as z from "zod";
import { verdictLevels } from "./plan.ts";

export const verdict = z
  .object({
    level: z.enum(verdictLevels),
    text: z.string(),
    accounts: z
      .array(
        z.object({
          account: z.string(),
          name: z.string().optional(),
          level: z.enum(verdictLevels),
          text: z.string(),
        }),
      )
      .optional()
      .describe("The verdict of each account, where there are several."),
  })
  .describe("Whether the plan is safe to merge; its level is the first of the list that applies.");
