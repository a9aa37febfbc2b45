/** Receives the records of a text. Lines count from 1. */
export interface RecordSink {
  /** Called with the text of each JSON object at the top, and the line of its start. */
  readonly onRecord: (text: string, line: number) => void;
  /** Called for each part that is no JSON object, with its line. */
  readonly onBroken: (line: number) => void;
}

/** Splitter that is fed a text part by part, and holds no more than one record of it. */
export interface RecordSplitter {
  readonly push: (text: string) => void;
  readonly end: () => void;
}

/** Maximum of characters of a record: far more than an event has, or a page of 50. */
const maxRecord = 16 * 1024 * 1024;

/** Characters that mean something inside of a string. */
const special = /["\\\n]/g;

interface OpenRecord {
  /** Text of the record in earlier parts. */
  text: string;
  readonly line: number;
  /** Brackets that are open, from the outside in. */
  readonly brackets: ("{" | "[")[];
  isInString: boolean;
  isEscaped: boolean;
  /** Last character that is no space and not in a string. */
  last: string;
}

interface SplitState {
  readonly sink: RecordSink;
  line: number;
  record: OpenRecord | undefined;
  /** Skipping the rest of a line that is broken. */
  isSkipping: boolean;
}

/**
 * Splits a text into the JSON objects at its top, whether they are JSON lines, members of an array, or documents over
 * many lines. After a broken record it goes on with the next line: no JSON string has a line break, and an object
 * starts only where a value may.
 */
export function splitRecords(sink: RecordSink): RecordSplitter {
  const state: SplitState = { sink, line: 1, record: undefined, isSkipping: false };
  return {
    push: (text) => push(text, state),
    end: () => {
      if (state.record !== undefined) giveUp(state.record, "", state);
    },
  };
}

function push(part: string, state: SplitState): void {
  // Start of what belongs to the open record in this part.
  let start = 0;
  for (let at = 0; at < part.length; at += 1) {
    const { record } = state;
    if (record?.isInString === true && !record.isEscaped) at = endOfPlain(part, at);
    const character = part.charAt(at);
    if (character === "\n") state.line += 1;
    if (state.isSkipping) {
      state.isSkipping = character !== "\n";
      continue;
    }
    if (record === undefined) {
      if (betweenRecords(character, state)) start = at;
      continue;
    }
    const step = advance(record, character);
    if (step === "open") continue;
    state.record = undefined;
    if (step === "closed") state.sink.onRecord(record.text + part.slice(start, at + 1), record.line);
    else {
      giveUp(record, part.slice(start, at), state);
      state.isSkipping = character !== "{" && character !== "\n";
      if (character === "{" && betweenRecords(character, state)) start = at;
    }
  }
  if (state.record !== undefined) keepRest(state.record, part.slice(start), state);
}

/** Returns the next place in a string that means something; the last place of the part if there is none. */
function endOfPlain(part: string, at: number): number {
  special.lastIndex = at;
  return special.exec(part)?.index ?? part.length - 1;
}

/** Takes a character outside of all records, and returns whether a record starts with it. */
function betweenRecords(character: string, state: SplitState): boolean {
  if (character === "{") state.record = newRecord(state.line);
  else if (!/[\s[\],\ufeff]/.test(character)) {
    state.sink.onBroken(state.line);
    state.isSkipping = true;
  }
  return character === "{";
}

function keepRest(record: OpenRecord, rest: string, state: SplitState): void {
  record.text += rest;
  if (record.text.length <= maxRecord) return;
  giveUp(record, "", state);
  state.isSkipping = true;
}

function giveUp(broken: OpenRecord, rest: string, state: SplitState): void {
  const { onRecord, onBroken } = state.sink;
  state.record = undefined;
  onBroken(broken.line);
  // A record that was cut off may have taken whole lines for its members.
  const [, ...lines] = (broken.text + rest).split("\n");
  for (const [index, text] of lines.entries()) {
    const object = text.trimEnd().replace(/,$/, "");
    if (!object.startsWith("{")) continue;
    if (isJson(object)) onRecord(object, broken.line + 1 + index);
    else onBroken(broken.line + 1 + index);
  }
}

function newRecord(line: number): OpenRecord {
  return { text: "", line, brackets: ["{"], isInString: false, isEscaped: false, last: "{" };
}

/** Takes one more character of a record, and returns whether it ends with it, or cannot be JSON. */
function advance(record: OpenRecord, character: string): "open" | "closed" | "broken" {
  if (record.isInString) {
    if (character === "\n") return "broken";
    if (record.isEscaped) record.isEscaped = false;
    else if (character === "\\") record.isEscaped = true;
    else if (character === '"') record.isInString = false;
    return "open";
  }
  switch (character) {
    case " ":
    case "\n":
    case "\r":
    case "\t":
      return "open";
    case '"':
      record.isInString = true;
      break;
    case "{":
    case "[":
      if (!mayStartValue(record)) return "broken";
      record.brackets.push(character);
      break;
    case "}":
    case "]":
      if (record.brackets.pop() !== (character === "}" ? "{" : "[")) return "broken";
      if (record.brackets.length === 0) return "closed";
      break;
  }
  record.last = character;
  return "open";
}

function mayStartValue({ brackets, last }: OpenRecord): boolean {
  return brackets.at(-1) === "{" ? last === ":" : last === "[" || last === ",";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
