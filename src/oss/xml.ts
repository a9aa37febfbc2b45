/** Element of an answer of OSS. An element with children has no text. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Maximum nesting, far more than OSS sends. */
const maxDepth = 20;

const declaration = /^<\?xml\s[^<>]*\?>\s*/;
/** Tag, or text between two tags. The only attribute is the namespace of the root. */
const part = /<(\/?)([A-Za-z_][\w.-]*)((?:\s+xmlns="[^"<>]*")?)\s*(\/?)>|([^<]+)/y;

/**
 * Parses a whole document strictly. Undefined for anything that OSS does not send, such as comments, CDATA,
 * document types, attributes, text next to elements, and anything before or after the root.
 */
export function parseXml(body: Uint8Array): XmlElement | undefined {
  const text = utf8(body)?.replace(declaration, "");
  return text === undefined ? undefined : parseElements(text);
}

function utf8(body: Uint8Array): string | undefined {
  if (body[0] !== "<".charCodeAt(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body).trimEnd();
  } catch {
    return undefined;
  }
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

function parseElements(text: string): XmlElement | undefined {
  const stack: Open[] = [];
  const matcher = new RegExp(part);
  while (matcher.lastIndex < text.length) {
    const match = matcher.exec(text);
    if (match === null) return undefined;
    const [, slash, name = "", attribute = "", isEmpty, between] = match;
    const top = stack.at(-1);
    if (between !== undefined) {
      if (top === undefined) return undefined;
      top.text += between;
      continue;
    }
    if (attribute !== "" && (slash !== "" || top !== undefined)) return undefined;
    if (slash === "") stack.push({ name, children: [], text: "" });
    if (stack.length > maxDepth) return undefined;
    if (slash === "" && isEmpty === "") continue;
    const closed = closeElement(stack, name);
    if (closed === undefined) return undefined;
    const parent = stack.at(-1);
    if (parent === undefined) return matcher.lastIndex === text.length ? closed : undefined;
    parent.children.push(closed);
  }
  return undefined;
}

function closeElement(stack: Open[], name: string): XmlElement | undefined {
  const top = stack.pop();
  if (top?.name !== name) return undefined;
  if (top.children.length > 0) return top.text.trim() === "" ? { ...top, text: "" } : undefined;
  const text = unescaped(top.text);
  return text === undefined ? undefined : { ...top, text };
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Decodes entities; undefined if an ampersand does not begin an entity of XML itself. */
function unescaped(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{1,8}));|&/g,
    (_, digits, hex, name) => {
      const known = name === undefined ? characterOf(digits, hex) : entities[String(name)];
      if (known === undefined) isKnown = false;
      return known ?? "";
    },
  );
  return isKnown ? plain : undefined;
}

function characterOf(digits: unknown, hex: unknown): string | undefined {
  const code = digits === undefined ? Number.parseInt(String(hex), 16) : Number(digits);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Returns the only child of this name; undefined if there is none or several. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const [child, second] = childrenOf(element, name);
  return second === undefined ? child : undefined;
}

export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** Returns the text of the only child of this name; undefined if it is empty or contains elements. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  const child = childOf(element, name);
  return child === undefined || child.children.length > 0 || child.text === "" ? undefined : child.text;
}
