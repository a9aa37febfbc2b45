/** Name that occurs twice in one object of a JSON text. */
export interface DuplicateName {
  readonly name: string;
  /** Both values as written, cut if they are long. */
  readonly values: readonly [string, string];
}

const maxShown = 60;
const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/gs;

/** Finds the names that occur twice in one object with different values, in text order. */
export function duplicateNames(text: string): readonly DuplicateName[] {
  const found: DuplicateName[] = [];
  const objects: (Map<string, string> | undefined)[] = [];
  const open: { readonly name: string; readonly from: number; readonly depth: number }[] = [];
  let last = "";
  for (const { 0: word, index } of text.matchAll(token)) {
    if (word === "," || word === "}" || word === "]") {
      const member = open.at(-1);
      if (member?.depth === objects.length) {
        open.pop();
        const duplicate = remember(objects.at(-1), member.name, text.slice(member.from, index).trim());
        if (duplicate !== undefined) found.push(duplicate);
      }
      if (word !== ",") objects.pop();
    } else if (word === "{") objects.push(new Map());
    else if (word === "[") objects.push(undefined);
    else if (word === ":") open.push({ name: nameOf(last), from: index + 1, depth: objects.length });
    last = word;
  }
  return found;
}

function remember(
  members: Map<string, string> | undefined,
  name: string,
  value: string,
): DuplicateName | undefined {
  const before = members?.get(name);
  members?.set(name, value);
  return before === undefined || before === value
    ? undefined
    : { name, values: [shown(before), shown(value)] };
}

/** Returns the decoded name, so that two spellings of one name are equal. */
function nameOf(word: string): string {
  try {
    return String(JSON.parse(word));
  } catch {
    return word;
  }
}

function shown(value: string): string {
  return value.length > maxShown ? `${value.slice(0, maxShown)}...` : value;
}
