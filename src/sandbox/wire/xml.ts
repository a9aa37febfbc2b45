/** Element: its name, and its text or its child elements. */
export type XmlNode = readonly [name: string, content: string | readonly XmlNode[]];

/** Returns the document with OSS's declaration; all text is escaped. */
export function renderXml(root: XmlNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderNode(root, "")}`;
}

function renderNode([name, content]: XmlNode, indent: string): string {
  if (typeof content === "string") return `${indent}<${name}>${escapeXml(content)}</${name}>\n`;
  const children = content.map((child) => renderNode(child, `${indent}  `)).join("");
  return `${indent}<${name}>\n${children}${indent}</${name}>\n`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Escapes text. Characters that XML 1.0 forbids even escaped become U+FFFD: a parser would refuse the answer. */
function escapeXml(text: string): string {
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
  return legal.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
