import * as z from "zod";
import { policyCalls } from "../actiontrail/event.ts";

/** Last change of a bucket's policy, in the JSON of a plan. */
export const lastChange = z
  .object({
    call: z.enum(policyCalls),
    at: z.string().describe("Time in UTC."),
    by: z.object({
      type: z.string().describe("root-account, ram-user, assumed-role, or another type of ActionTrail."),
      name: z.string().describe("Name of the RAM user, or ROLE:SESSION."),
      id: z.string().describe("UID, or ROLE ID:SESSION."),
      account: z.string().describe("UID of the caller's account."),
    }),
    from: z.string().describe("Address or host of the caller."),
    userAgent: z.string(),
    eventType: z.string(),
    eventId: z.string(),
    fitsLive: z.boolean().describe("False if OSS shows that a later call is missing from the events."),
    others: z.number().int().describe("Other calls in the same second, of which any may be the last."),
  })
  .nullable()
  .optional()
  .describe(
    "Last call in the given events that set or removed the policy; null if they have none, absent without events and for an edit. Texts are as the event has them.",
  );

/** Extent of the events that a plan was given, in its JSON. */
export const events = z
  .object({
    count: z.number().int().nonnegative(),
    from: z.string().optional().describe("Time of the first event."),
    until: z.string().optional().describe("Time of the last event."),
    unread: z.number().int().nonnegative().describe("Parts that could not be read."),
  })
  .optional()
  .describe("Extent of the given events of ActionTrail; absent without any.");
