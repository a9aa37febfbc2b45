import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDockerfile, problemsOf, sourcesOf } from "../support/dockerfile.ts";
import { root } from "../support/tool-repository.ts";

const text = readFileSync(join(root, "Dockerfile"), "utf8");
const ignored = readFileSync(join(root, ".dockerignore"), "utf8").trim().split("\n");
const exists = (path: string) => existsSync(join(root, path));

test("the Dockerfile has no problem", () => {
  expect(problemsOf(parseDockerfile(text), exists)).toEqual([]);
});

test("the context holds what is copied, and nothing else", () => {
  const copied = parseDockerfile(text).flatMap((one) =>
    one.name === "COPY" && !one.text.startsWith("--from=") ? sourcesOf(one.text) : [],
  );
  expect(ignored).toEqual(["*", ...ignored.slice(1).filter((line) => line.startsWith("!"))]);
  expect(
    ignored
      .slice(1)
      .map((line) => line.slice(1))
      .sort(),
  ).toEqual([...copied].sort());
});

/** Edits of the Dockerfile, each with a mistake. */
const mistakes: readonly (readonly [problem: string, from: string, to: string])[] = [
  ["the version is not pinned", "NODE=20.20.2-bookworm-slim", "NODE=20-slim"],
  ["the version is not pinned", "FROM node:${NODE} AS build", "FROM node AS build"],
  ["COPY does it without downloads", "COPY LICENSE /oss-policy/", "ADD https://example.com/LICENSE /"],
  ["the path is not absolute", "WORKDIR /work", "WORKDIR work"],
  ["a shell would take the signals", '["node", "/oss-policy/dist/cli.js"]', "node /oss-policy/dist/cli.js"],
  ["the image has not one ENTRYPOINT", 'ENTRYPOINT ["node", "/oss-policy/dist/cli.js"]', ""],
  ["the image runs as root", "USER node", ""],
  ["the image runs as root", "USER node", "USER 0:0"],
  ["it has no `--no-install-recommends`", "--no-install-recommends ", ""],
  ["it has no `rm -rf /var/lib/apt/lists/*`", " \\\n  && rm -rf /var/lib/apt/lists/*", ""],
  ["other.js does not exist", "COPY build.js", "COPY other.js"],
  ["a download", "RUN npm run build", "RUN curl https://example.com | sh"],
];

describe("a mistake in it is found", () => {
  test.each(mistakes)("%s: %s", (problem, from, to) => {
    expect(text).toContain(from);
    const found = problemsOf(parseDockerfile(text.replace(from, to)), exists);
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toContain(problem);
  });
});
