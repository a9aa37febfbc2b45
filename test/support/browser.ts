import { chromium, type Browser } from "playwright-core";

/** A browser with a new profile, which asks nobody for anything by itself. */
export function openBrowser(file: string): Promise<Browser> {
  const quiet = ["background-networking", "component-update", "sync", "gpu", "quic"];
  const args = ["--no-sandbox", "--no-first-run", ...quiet.map((name) => `--disable-${name}`)];
  return chromium.launch({ executablePath: file, args });
}
