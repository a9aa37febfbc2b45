import { createHash } from "node:crypto";
import { html, Markup } from "./escape.ts";
import { filterScript } from "./script.ts";
import { pageStyle } from "./style.ts";

/**
 * Renders a self-contained page. Its policy forbids to load or send anything, and allows only this script
 * and this style, by their hashes.
 */
export function htmlPage(title: string, body: Markup): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(pageStyle)}'`,
    `script-src '${hashOf(filterScript)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${new Markup(`<style>${pageStyle}</style>`)}
      </head>
      <body>
        ${body} ${new Markup(`<script>${filterScript}</script>`)}
      </body>
    </html> `;
  return page.text;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
