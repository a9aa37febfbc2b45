// The licences of the packages whose code is in the bundles: their licences ask that the texts go wherever the code goes.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const head = `oss-policy is under the MIT licence, in LICENSE. The files of this folder also contain code of these packages:
`;

/** Renders the notices for the files that esbuild read, in the order of the names of their packages. */
export function thirdPartyNotices(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const entries = [...folders].map(noticeOf).sort((a, b) => (a.title < b.title ? -1 : 1));
  return [head, ...entries.map(({ title, text }) => `${"-".repeat(80)}\n${title}\n\n${text.trim()}\n`)].join(
    "\n",
  );
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const title = `${name} ${version} (${[license].flat().join(" OR ")})`;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  if (texts.length > 0) return { title, text: texts.join("\n") };
  return {
    title,
    text: licenceSection(folder) ?? fail(`${title} has neither a licence file nor a section about it`),
  };
}

/** Returns the section of a README about the licence, which some packages have in place of a file. */
function licenceSection(folder) {
  const readme = readdirSync(folder).find((file) => /^readme\.md$/i.test(file));
  if (readme === undefined) return undefined;
  return /^#+ licen[cs]e\s*\n([\s\S]*?)(?=^#|(?![\s\S]))/im.exec(
    readFileSync(join(folder, readme), "utf8"),
  )?.[1];
}

function fail(problem) {
  throw new Error(problem);
}
