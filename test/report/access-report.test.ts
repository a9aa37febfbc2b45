import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { namedText } from "../../src/access/render.ts";
import type { AccessReport } from "../../src/proof/access-report.ts";
import type { Extent } from "../../src/proof/extent.ts";
import { accessReportCsv } from "../../src/report/csv/access-report.ts";
import { csvText } from "../../src/report/csv/csv.ts";
import { extentText } from "../../src/report/extent-text.ts";
import { accessReportHtml } from "../../src/report/html/access-report.ts";
import { printable } from "../../src/report/printable.ts";
import { renderAccessReport } from "../../src/report/text/access-report.ts";
import { expectHarmless, hostileHtml, marker } from "../support/hostile-html.ts";
import { parseHtml } from "../support/html.ts";
import { runs } from "../support/runs.ts";

const answer = fc.constantFrom("yes" as const, "no" as const, "undecided" as const);

function reportOf(word: string, isPublic: "yes" | "no" | "undecided"): AccessReport {
  const style = { isLiteral: false, foldsCase: false };
  const some: Extent = {
    kind: "some",
    bucket: true,
    keys: [{ all: [{ text: word, style }], except: [{ text: `${word}x`, style }] }],
    condition: "always",
    needsTls: true,
    isOfSomeSessions: false,
    isOpen: true,
    isObserved: false,
  };
  const cells = {
    read: some,
    list: { kind: "none" },
    write: { kind: "undecided", cause: word },
    delete: some,
    admin: some,
  } as const;
  const rows = ["anonymous", word, `${word}2`].map((principal) => ({ bucket: word, principal, cells }));
  const place = { bucket: word, account: word, region: word, file: word, line: 7 };
  return {
    buckets: [{ ...place, isPublic, allowsHttp: isPublic, rows }],
    principals: [word, `${word}2`].map((principal, index) => ({
      principal,
      isKnown: index > 0,
      rows: rows.slice(index + 1, index + 2),
    })),
    names: new Map([[word, `${word}n`]]),
  };
}

const pageOf = (report: AccessReport, policies: string) =>
  accessReportHtml(report, { version: "1.0.0", policies, isLive: false });

describe("the report as a page", () => {
  test("makes no element and no attribute of text from outside, and shows it as it is printed", () => {
    fc.assert(
      fc.property(hostileHtml, answer, (word, isPublic) => {
        const report = reportOf(word, isPublic);
        const elements = expectHarmless(pageOf(report, word));
        const texts = elements.filter(({ name }) => /^(code|bdi)$/.test(name)).map(({ text }) => text);
        const cell = report.buckets[0]?.rows[0]?.cells.read;
        const shown =
          cell === undefined ? "" : extentText(cell).replace(/ \(conditional, undocumented\)$/, "");
        for (const text of [word, `${word}:7`, namedText(word, report.names), `${word}2`, shown])
          expect(texts).toContain(printable(text));
      }),
      { numRuns: runs(20) },
    );
  });

  test("has the same shape whatever the words are", () => {
    const shape = (page: string) =>
      JSON.stringify(parseHtml(page).elements.map(({ name, attributes }) => [name, attributes]));
    fc.assert(
      fc.property(hostileHtml, (word) => {
        expect(shape(pageOf(reportOf(word, "yes"), word))).toBe(
          shape(pageOf(reportOf(marker, "yes"), marker)),
        );
      }),
      { numRuns: runs(15) },
    );
  });

  test("links to nothing outside, and to what there is", () => {
    const { elements, errors } = parseHtml(pageOf(reportOf("a", "yes"), "policies"));
    const ids = elements.flatMap(({ attributes: { id } }) => id ?? []);
    const links = elements.flatMap(({ attributes: { href } }) => href ?? []);
    expect(errors).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.filter((to) => !to.startsWith("#") || !ids.includes(to.slice(1)))).toEqual([]);
  });
});

/** Reads CSV as RFC 4180 has it. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

describe("the report as CSV", () => {
  test("reads back as it is printed, and no cell is a formula", () => {
    const start = fc.constantFrom("=", "+", "-", "@", " =", "\t=", "\r=", "", '"', ",");
    fc.assert(
      fc.property(fc.array(fc.tuple(start, hostileHtml), { minLength: 1, maxLength: 4 }), (parts) => {
        const row = parts.map(([first, rest]) => first + rest);
        const [read = []] = parseCsv(csvText([row]));
        expect(read.map((cell) => cell.replace(/^'(?=\s*[=+\-@])/, ""))).toEqual(row.map(printable));
        expect(read.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([]);
      }),
      { numRuns: runs(50) },
    );
  });

  test("has a row for each principal of each bucket", () => {
    const [titles, ...rows] = parseCsv(accessReportCsv(reportOf("=cmd", "no")));
    expect(titles?.slice(0, 7)).toEqual([
      "account",
      "bucket",
      "public",
      "plain http",
      "principal",
      "name",
      "known",
    ]);
    expect(rows.map((row) => row.slice(1, 7))).toEqual([
      ["'=cmd", "no", "no", "anonymous", "", "yes"],
      ["'=cmd", "no", "no", "'=cmd", "'=cmdn", "no"],
      ["'=cmd", "no", "no", "'=cmd2", "", "yes"],
    ]);
    const [bucket] = reportOf("a", "no").buckets;
    const empty = { buckets: [{ ...bucket!, rows: [] }], principals: [], names: new Map<string, string>() };
    expect(parseCsv(accessReportCsv(empty)).map((row) => row.length)).toEqual([12, 12]);
  });
});

test("the report as text has no character that moves or hides others", () => {
  fc.assert(
    fc.property(hostileHtml, answer, (word, isPublic) => {
      const lines = renderAccessReport(reportOf(word, isPublic)).split("\n").slice(0, -1);
      expect(lines.length).toBeLessThan(6);
      for (const line of lines) expect(printable(line)).toBe(line);
    }),
    { numRuns: runs(20) },
  );
});
