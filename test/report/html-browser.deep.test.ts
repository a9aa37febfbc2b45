import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Browser } from "playwright-core";
import { htmlReport } from "../../src/report/html/index.ts";
import { openBrowser } from "../support/browser.ts";
import { describeWith } from "../support/describe-with.ts";
import { largePlan } from "../support/large-plan.ts";

const buckets = 16;
const finding = {
  code: "wrong-region",
  severity: "warning" as const,
  message: "OSS says that bucket `team-0000-data` is in cn-beijing, not in cn-hangzhou",
  help: "write `region: cn-beijing` in this file",
};
const unmanaged = { bucket: "stranger", region: "cn-hangzhou", state: "policy" as const, problem: null };
const plan = { ...largePlan(buckets), diagnostics: [finding], unmanaged: [unmanaged] };
const text = htmlReport(plan, {
  version: "1.0.0",
  policies: "policies",
  scope: "policies",
  isErrored: false,
});

interface Visit {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly isScripted?: boolean;
}

/** Violations of the rules of accessibility, as axe finds them. */
async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated from outside: the page itself would not let this script in.
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly Violation[]>("axe.run().then(({ violations }) => violations)");
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describeWith("chromium", "in Chromium", (browserFile) => {
  let browser: Browser;
  let asked: string[];
  const server = createServer(({ url = "" }, reply) => {
    asked.push(url);
    reply.writeHead(url === "/plan.html" ? 200 : 404, { "content-type": "text/html" });
    reply.end(url === "/plan.html" ? text : "");
  });
  const said: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser(browserFile);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function visit({ scheme = "light", width = 1280, isScripted = true }: Visit = {}): Promise<Page> {
    asked = [];
    said.length = 0;
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height: 900 },
      javaScriptEnabled: isScripted,
    });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", ({ message }) => said.push(message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/plan.html`);
    return page;
  }

  const shownChanges = (page: Page) => page.locator("article:visible h3 code").allTextContents();
  const status = (page: Page) => page.getByRole("status").textContent();

  test("it asks for nothing but itself, and complains of nothing", async () => {
    const page = await visit();
    await page.waitForLoadState("networkidle");
    expect([asked, said]).toEqual([["/plan.html"], []]);
  });

  test("its policy lets no other script in, no handler, no image and no style", async () => {
    const page = await visit();
    const ran = await page.evaluate(`(async () => {
      const place = document.body.appendChild(document.createElement("div"));
      place.innerHTML = '<img src="/x.png" onerror="window.ran = 1"><p style="color: rgb(255, 0, 0)">x</p>';
      const script = document.createElement("script");
      script.textContent = "window.ran = 2";
      place.append(script);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [window.ran, getComputedStyle(place.querySelector("p")).color === "rgb(255, 0, 0)"];
    })()`);
    expect([ran, asked]).toEqual([[undefined, false], ["/plan.html"]]);
  });

  test.each(["light", "dark"] as const)("axe finds nothing wrong, %s", async (scheme) => {
    const page = await visit({ scheme });
    await page.getByRole("button", { name: "Open all" }).click();
    expect(await violations(page)).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing wrong on a phone, %s, and nothing is cut off",
    async (scheme) => {
      const page = await visit({ scheme, width: 360 });
      await page.getByRole("button", { name: "Open all" }).click();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    },
  );

  test("the search finds buckets, principals, actions and messages, and says how many", async () => {
    const page = await visit();
    expect(await status(page)).toBe("Shown: 16 of 16 changes, 4 of 4 findings and other entries");
    for (const [words, changes] of [
      ["0013-DATA", ["team-0013-data"]],
      ["202147604010000051", ["team-0005-data"]],
      ["oss:deleteobject", ["team-0000-data", "team-0008-data"]],
      ["403 accessdenied", ["team-0007-data"]],
    ] as const) {
      await page.getByRole("searchbox").fill(words);
      expect((await shownChanges(page)).toSorted()).toEqual(changes);
      expect(await status(page)).toContain(`Shown: ${changes.length} of 16 changes`);
      expect(await page.locator("table.overview tbody tr:visible").count()).toBe(changes.length);
    }
    await page.getByRole("searchbox").fill("cn-beijing");
    expect(await status(page)).toBe("Shown: 0 of 16 changes, 1 of 4 findings and other entries");
  });

  test("each filter narrows, several narrow further, and Clear shows all again", async () => {
    const page = await visit();
    for (const [name, value, count] of [
      ["Action", "create", 2],
      ["Action", "unreadable", 1],
      ["Access", "anonymous", 2],
      ["Access", "loses", 7],
      ["Hazard", "removes-policy", 2],
      ["Blocked", "yes", 4],
      ["Cause", "edit", 7],
    ] as const) {
      await page.getByLabel(name, { exact: true }).selectOption(value);
      expect([name, value, (await shownChanges(page)).length]).toEqual([name, value, count]);
      await page.getByRole("button", { name: "Clear" }).click();
      expect((await shownChanges(page)).length).toBe(buckets);
    }
    await page.getByLabel("Action", { exact: true }).selectOption("update");
    await page.getByLabel("Access", { exact: true }).selectOption("anonymous");
    await page.getByRole("searchbox").fill("0014");
    expect(await shownChanges(page)).toEqual(["team-0014-data"]);
    expect(await page.locator("table.matrix tbody:visible").count()).toBe(1);
  });

  test("the keyboard alone reaches the content, the search and what is folded", async () => {
    const page = await visit();
    const focused = () => page.evaluate("document.activeElement?.id");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("content");
    await page.reload();
    for (let presses = 0; presses < 20 && (await focused()) !== "search"; presses += 1)
      await page.keyboard.press("Tab");
    const outline = () => page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect([await focused(), await outline()]).toEqual(["search", "solid"]);
    await page.keyboard.type("0005-data");
    expect(await shownChanges(page)).toEqual(["team-0005-data"]);
    const isSummary = () => page.evaluate<boolean>(`document.activeElement?.tagName === "SUMMARY"`);
    for (let presses = 0; presses < 20 && !(await isSummary()); presses += 1)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.locator("article:visible details[open]").count()).toBe(1);
  });

  test("without its script it is all there, and what would not work is not", async () => {
    const page = await visit({ isScripted: false });
    expect((await shownChanges(page)).length).toBe(buckets);
    expect(await page.getByRole("searchbox").count()).toBe(0);
    await page.locator("#change-1 summary").last().click();
    await page.getByText('"Version": "1"').first().waitFor();
    expect(await page.locator("#change-1 pre.numbered ins:visible").count()).toBeGreaterThan(0);
  });

  test.each([true, false])(
    "in print everything is open and no form is left (script: %s)",
    async (isScripted) => {
      const page = await visit({ isScripted });
      await page.emulateMedia({ media: "print" });
      const folded = await page.locator("pre").count();
      expect(folded).toBeGreaterThan(2 * buckets);
      const hidden = "[...document.querySelectorAll('pre')].filter((one) => !one.checkVisibility()).length";
      expect(await page.evaluate(hidden)).toBe(0);
      await page.emulateMedia({ media: "screen" });
      expect(await page.evaluate(hidden)).toBe(folded);
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("#filter").isVisible()).toBe(false);
    },
  );

  test("where print styles cannot open it, the script does, and folds again what it opened", async () => {
    const page = await visit();
    await page.locator("#change-2 summary").first().click();
    const open = () => page.locator("details[open]").count();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await open()).toBe(await page.locator("details").count());
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await open()).toBe(1);
  });
});
