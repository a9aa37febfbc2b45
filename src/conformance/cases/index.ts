import type { ConformanceCase } from "../case.ts";
import { absentKeyCases } from "./absent-keys.ts";
import { controlCases } from "./controls.ts";
import { meaningCases } from "./meanings.ts";
import { openQuestionCases } from "./open-questions.ts";
import { publicStatusCases } from "./public-status.ts";
import { putCases } from "./puts.ts";
import { wireCases } from "./wire.ts";

/** All cases, in the order in which they are run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...controlCases,
  ...openQuestionCases,
  ...absentKeyCases,
  ...meaningCases,
  ...publicStatusCases,
  ...putCases,
  ...wireCases,
];
