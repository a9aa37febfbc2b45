import * as z from "zod";

const region = z.string().regex(/^[a-z0-9-]+$/);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

export const observation = z
  .object({ region, date })
  .describe("Where and when OSS was observed to take the position; absent while the point is open.");

/** Position of an undocumented point that was observed. */
export const observedPosition = z.object({ name: z.string(), position: z.string(), observed: observation });
