import { missingPrograms } from "./programs.ts";

/** Reports once before all tests which of them are skipped. */
export default function setup(): void {
  for (const line of missingPrograms()) process.stderr.write(`${line}\n`);
}
