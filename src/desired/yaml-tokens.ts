import { Lexer } from "yaml";

/** Token of the YAML lexer. */
export interface Token {
  readonly kind: "plain" | "block" | "quoted" | "open" | "close" | "tag" | "directive" | "other";
  readonly text: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Number of open flow collections before it. */
  readonly depth: number;
}

/** Marks of the lexer for the kind of the next piece; they are not in the text. */
const sign = { document: "\u0002", flowEnd: "\u0018", scalar: "\u001f" } as const;

/** Splits a text into tokens. It must not have control characters, which the lexer uses as marks. */
export function* tokensOf(text: string): Generator<Token> {
  let [start, depth] = [0, 0];
  let [isScalar, isBlock] = [false, false];
  for (const piece of new Lexer().lex(text)) {
    if (piece === sign.scalar) isScalar = true;
    if (piece === sign.flowEnd) depth = 0;
    if (piece === sign.scalar || piece === sign.flowEnd || piece === sign.document) continue;
    const kind = isScalar ? (isBlock ? "block" : "plain") : kindOf(piece);
    yield { kind, text: piece, start, depth };
    if (kind === "open") depth += 1;
    if (kind === "close") depth = Math.max(0, depth - 1);
    if (isScalar) isBlock = false;
    else if (/^[|>][-+0-9]*$/.test(piece)) isBlock = true;
    isScalar = false;
    start += piece.length;
  }
}

/** Returns the comments of a text, as they are written. */
export function commentsIn(text: string): readonly string[] {
  return [...tokensOf(text)].flatMap(({ kind, text: piece }) =>
    kind === "other" && piece.startsWith("#") ? [piece.trimEnd()] : [],
  );
}

function kindOf(piece: string): Token["kind"] {
  switch (piece.charAt(0)) {
    case "{":
    case "[":
      return "open";
    case "}":
    case "]":
      return "close";
    case '"':
    case "'":
      return "quoted";
    case "!":
      return "tag";
    case "%":
      return "directive";
    default:
      return "other";
  }
}
