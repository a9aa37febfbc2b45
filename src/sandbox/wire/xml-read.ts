import sax from "sax";

/** Element of a request: its text, and its child elements. Namespaces and attributes mean nothing to OSS. */
export interface RequestElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly RequestElement[];
}

/** Deepest nesting that a request of OSS has, with some room. */
const maxDepth = 8;

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: OpenElement[];
}

/** Parses a request; undefined if it is no well-formed XML in UTF-8, has a document type, or is nested too deeply. */
export function parseXml(bytes: Uint8Array): RequestElement | undefined {
  const root: OpenElement = { name: "", text: "", children: [] };
  const open = [root];
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.ondoctype = () => {
    throw new Error("a document type, which could define entities");
  };
  parser.onopentag = ({ name }) => {
    const element = { name: name.replace(/^.*:/, ""), text: "", children: [] };
    if (open.push(element) > maxDepth) throw new Error("nested too deeply");
    open.at(-2)?.children.push(element);
  };
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    open.pop();
  };
  try {
    parser.write(new TextDecoder("utf-8", { fatal: true }).decode(bytes)).close();
  } catch {
    return undefined;
  }
  return root.children[0];
}

/** Returns the child elements of a name. */
export function childrenOf({ children }: RequestElement, name: string): readonly RequestElement[] {
  return children.filter((child) => child.name === name);
}

/** Returns the text of the first child element of a name, without blanks around it; undefined without such a child. */
export function childText(element: RequestElement, name: string): string | undefined {
  return childrenOf(element, name)[0]?.text.trim();
}
