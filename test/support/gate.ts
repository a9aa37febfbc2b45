import type { Gate } from "../../src/plan/hazard-input.ts";

/** Nothing is accepted and nothing forbidden. */
export const openGate: Gate = { today: "2026-01-01", accepted: [], forbidsGains: false, refusals: () => [] };
