import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { parseDesired } from "../../src/desired/desired.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { accessReport } from "../../src/proof/access-report.ts";
import { accessReportHtml } from "../../src/report/html/access-report.ts";
import { openBrowser } from "../support/browser.ts";
import { describeWith } from "../support/describe-with.ts";

const buckets = 40;
const allow = (principal: string, bucket: string, on: string, more: object = {}) => ({
  Effect: "Allow",
  Principal: [principal],
  Action: ["oss:GetObject"],
  Resource: [`acs:oss:*:*:${bucket}${on}`],
  ...more,
});

/** A tree in which every fourth bucket is public, and every third allows plain http. */
function reportPage(): string {
  const files = Array.from({ length: buckets }, (_, index) => {
    const bucket = `team-${String(index).padStart(4, "0")}`;
    const tls = { Effect: "Deny", Condition: { Bool: { "acs:SecureTransport": ["false"] } } };
    const Statement = [
      allow("202147604049351234", bucket, "/*", {
        Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } },
      }),
      allow(String(900 + index), bucket, "/logs/*"),
      ...(index % 4 === 0 ? [allow("*", bucket, "/img/*")] : []),
      ...(index % 3 === 0 ? [] : [allow("*", bucket, "/*", tls)]),
    ];
    return {
      path: `policies/${bucket}.yaml`,
      text: JSON.stringify({ bucket, policy: { Version: "1", Statement } }),
    };
  });
  const account = `account: "1746495857600001"\nregion: cn-hangzhou\nidentities: { alice: "202147604049351234" }\n`;
  const desired = parseDesired([{ path: "policies/account.yaml", text: account }, ...files]);
  const all = desired.buckets.map((bucket) => ({
    bucket,
    policy: { bucket: bucketOf(bucket), policy: desiredPolicy(bucket) },
  }));
  const report = accessReport(all, desired.accounts);
  return accessReportHtml(report, { version: "1.0.0", policies: "policies", isLive: false });
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describeWith("chromium", "in Chromium, the access report", (browserFile) => {
  let browser: Browser;
  const text = reportPage();
  beforeAll(async () => {
    browser = await openBrowser(browserFile);
  });
  afterAll(() => browser.close());

  async function visit(width: number, scheme: "light" | "dark", isScripted = true): Promise<Page> {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height: 900 },
      javaScriptEnabled: isScripted,
    });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.setContent(text);
    return page;
  }

  test.each([
    [360, "light"],
    [360, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const)("is accessible and not cut off at %i px, %s", async (width, scheme) => {
    const page = await visit(width, scheme);
    await page.getByRole("button", { name: "Open all" }).click();
    await page.evaluate(axe.source);
    const found = await page.evaluate<readonly Violation[]>("axe.run().then(({ violations }) => violations)");
    expect(found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  test("finds buckets and principals, and filters by what is proved", async () => {
    const page = await visit(390, "light");
    const names = () => page.locator("article:visible h3 code").allTextContents();
    await page.getByRole("searchbox").fill("team-0013");
    expect(await names()).toEqual(["team-0013"]);
    await page.getByRole("searchbox").fill("alice");
    expect((await names()).length).toBe(buckets);
    await page.getByLabel("Public", { exact: true }).selectOption("yes");
    await page.getByLabel("Plain http", { exact: true }).selectOption("yes");
    expect(await names()).toEqual(["team-0000", "team-0012", "team-0024", "team-0036"]);
    expect(await page.getByRole("status").textContent()).toContain("Shown: 4 of 40 buckets");
  });

  test("is whole without its script", async () => {
    const page = await visit(390, "light", false);
    expect(await page.locator("article:visible").count()).toBe(buckets);
    expect(await page.getByRole("searchbox").count()).toBe(0);
    await page.locator("#bucket-1 summary").click();
    expect(await page.locator("#bucket-1 .rows li:visible").count()).toBe(3);
  });
});
