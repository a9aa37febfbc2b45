import { namedText } from "../../access/render.ts";
import type { AccessReport, ReportedBucket } from "../../proof/access-report.ts";
import { counted, fewNames, printable } from "../printable.ts";

/** Renders the counts of a report, and the first names of what to look at. */
export function renderAccessReport({ buckets, principals, names }: AccessReport): string {
  const namesOf = (holds: (bucket: ReportedBucket) => boolean) =>
    buckets.filter(holds).map(({ bucket }) => bucket);
  const unknown = principals
    .filter(({ isKnown }) => !isKnown)
    .map(({ principal }) => namedText(principal, names));
  const lines = [
    `${counted(buckets.length, "bucket")}, whose policies name ${counted(principals.length, "principal")}.`,
    ...line(
      "public",
      namesOf(({ isPublic }) => isPublic === "yes"),
    ),
    ...line(
      "undecided if public",
      namesOf(({ isPublic }) => isPublic === "undecided"),
    ),
    ...line("principals that no account file knows", unknown),
    ...line(
      "allow requests over plain http",
      namesOf(({ allowsHttp }) => allowsHttp === "yes"),
    ),
    ...line(
      "undecided over plain http",
      namesOf(({ allowsHttp }) => allowsHttp === "undecided"),
    ),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function line(title: string, found: readonly string[]): readonly string[] {
  return found.length === 0 ? [] : [`  ${title}: ${found.length} (${fewNames(found)})`];
}
