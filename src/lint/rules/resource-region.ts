import { parseResource, specialKind } from "../../policy/resource.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const resourceRegion: Rule = {
  code: "resource-region",
  severity: "warning",
  summary: "a resource that names a region, where OSS documents *",
  explanation: `OSS's syntax reference says that the region of a resource in a bucket policy can only be *. Its FAQ also shows the
region of the bucket (OSS docs: policy syntax, bucket policy FAQ). Whether OSS refuses another value, and what it
compares the region with, is not documented.

Fix: write * as the region; the bucket has only one.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => statement.resources)
      .flatMap((word) => {
        const { text, span } = word;
        const resource = parseResource(text);
        if (resource?.kind !== "named" || resource.region === "*") return [];
        // Other rules report a double asterisk and a resource that is not a bucket's.
        if (resource.region.includes("**") || specialKind(resource.name) !== undefined) return [];
        const message = `\`${text}\` has ${problemOf(resource.region)}, where OSS documents \`*\``;
        const meant = `acs:oss:*:${resource.owner}:${resource.name}`;
        return [{ message, span, help: `write \`${meant}\``, ...replacing(word, meant) }];
      }),
};

function problemOf(region: string): string {
  if (region === "") return "no region";
  const isRegion = /^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/.test(region) || /[*?]/.test(region);
  return isRegion ? `the region \`${region}\`` : `\`${region}\`, which is not a region`;
}
