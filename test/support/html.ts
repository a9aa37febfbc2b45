import { parse, type DefaultTreeAdapterTypes } from "parse5";

export interface ParsedHtml {
  /** Every element that there is, by its name, with the attributes that it has. */
  readonly elements: readonly ParsedElement[];
  readonly comments: readonly string[];
  /** Names of what the parser of the HTML standard finds wrong. */
  readonly errors: readonly string[];
}

export interface ParsedElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** All text in it. */
  readonly text: string;
}

type Node = DefaultTreeAdapterTypes.Node;

/** The page as a browser without scripts reads it. */
export function parseHtml(text: string): ParsedHtml {
  const errors: string[] = [];
  const nodes = allNodes(
    parse(text, { scriptingEnabled: false, onParseError: ({ code }) => errors.push(code) }),
  );
  return {
    elements: nodes.flatMap((node) =>
      "tagName" in node
        ? [
            {
              name: node.tagName,
              attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
              text: textIn(node),
            },
          ]
        : [],
    ),
    comments: nodes.flatMap((node) => ("data" in node ? [node.data] : [])),
    errors,
  };
}

function allNodes(node: Node): readonly Node[] {
  return [node, ...("childNodes" in node ? node.childNodes.flatMap(allNodes) : [])];
}

function textIn(node: Node): string {
  return allNodes(node)
    .map((one) => ("value" in one ? one.value : ""))
    .join("");
}
