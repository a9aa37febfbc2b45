import { describe, expect, test } from "vitest";
import { findProgram, requiredPrograms, type Program } from "./programs.ts";

/** Declares tests that need a program: skipped where it is missing, and failed where it is required. */
export function describeWith(name: Program, title: string, declare: (file: string) => void): void {
  const found = findProgram(name);
  if (found === undefined && requiredPrograms().includes(name))
    test(title, () =>
      expect.fail(`${name} is required by OSS_POLICY_REQUIRE_PROGRAMS, and is not installed`),
    );
  else describe.skipIf(found === undefined)(title, () => declare(found ?? ""));
}
