import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser that pages are tried in, if there is one; a name from the environment is taken at its word. */
export const browserFile = process.env["OSS_POLICY_CHROMIUM"] ?? places.find((file) => existsSync(file));

/** A browser with a new profile, which asks nobody for anything by itself. */
export function openBrowser(file: string): Promise<Browser> {
  const quiet = ["background-networking", "component-update", "sync", "gpu", "quic"];
  const args = ["--no-sandbox", "--no-first-run", ...quiet.map((name) => `--disable-${name}`)];
  return chromium.launch({ executablePath: file, args });
}
