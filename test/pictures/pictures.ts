import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import markdownIt from "markdown-it";
import { startSandbox } from "../../src/sandbox/server.ts";
import { demoSeed } from "../../src/commands/demo/seed.ts";
import { openBrowser } from "../support/browser.ts";
import { findProgram } from "../support/programs.ts";
import { commentPage } from "./comment-page.ts";

/** Where docs/reports.md looks for them. */
const target = ".github/pictures";

/** A branch that opens two kinds of images to the public, while somebody took the policy of another bucket away. */
const edited = `bucket: web-assets
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["arn:sts::1746495857600001:assumed-role/web-build/*"]
      Action: ["oss:PutObject", "oss:GetObject", "oss:DeleteObject"]
      Resource: ["acs:oss:*:1746495857600001:web-assets/*"]
    - Effect: Allow
      Principal: ["*"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:1746495857600001:web-assets/img/*", "acs:oss:*:1746495857600001:web-assets/icons/*"]
`;

/** Takes the pictures of docs/reports.md anew: of what the tool writes in that situation, and of nothing else. */
async function main(): Promise<void> {
  const browserFile = findProgram("chromium");
  if (browserFile === undefined) throw new Error("there is no Chromium to take pictures with");
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-pictures-"));
  const sandbox = await startSandbox({ seed: { ...demoSeed, faults: [] } });
  try {
    await writePlan(folder, sandbox.url);
    mkdirSync(target, { recursive: true });
    await takePictures(folder, browserFile);
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  }
}

async function writePlan(folder: string, endpoint: string): Promise<void> {
  cpSync("policies", join(folder, "policies"), { recursive: true });
  const git = (...words: readonly string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "the policies as they were");
  const [key] = demoSeed.keys;
  const env = {
    ...process.env,
    OSS_ENDPOINT: endpoint,
    OSS_ACCESS_KEY_ID: key?.id,
    OSS_ACCESS_KEY_SECRET: key?.secret,
  };
  const run = (...words: readonly string[]) =>
    promisify(execFile)("node", [join(process.cwd(), "dist/cli.js"), ...words], { cwd: folder, env });
  const applied = ["audit-logs", "finance-reports", "old-exports", "web-assets"];
  await run("apply", "--yes", ...applied.flatMap((bucket) => ["--bucket", bucket]));
  writeFileSync(join(folder, "policies/web-assets.yaml"), edited);
  const held = await run("plan", "--base", "HEAD", "--markdown", "plan.md", "--html", "plan.html").catch(
    (error: unknown) => error as { code?: number },
  );
  // A plan that is blocked ends with 3, and that is what shall be seen.
  if (!("code" in held) || held.code !== 3) throw new Error("the plan was not blocked", { cause: held });
}

async function takePictures(folder: string, chromium: string): Promise<void> {
  const browser = await openBrowser(chromium);
  const viewport = { width: 1200, height: 1000 };
  const report = await browser.newPage({ viewport });
  await report.goto(pathToFileURL(join(folder, "plan.html")).href);
  await report.screenshot({ path: join(target, "report.png") });
  const markdown = readFileSync(join(folder, "plan.md"), "utf8");
  const page = await browser.newPage({ viewport });
  await page.setContent(commentPage(markdownIt({ html: true }).render(markdown)));
  await page.locator("article").screenshot({ path: join(target, "comment.png") });
  await browser.close();
}

await main();
