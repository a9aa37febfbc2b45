import type { Test, TextGroup } from "./fields.ts";
import { textGroup } from "./statement-tests.ts";
import type { Rest } from "./settled.ts";

/** A class of statements at a field of texts, with the places that it has in the two policies. */
export interface Asker {
  readonly id: number;
  readonly next: number;
  readonly test: Test;
  readonly standing: number;
}

/** What is asked of a text at one field, and what each class makes of the answers. */
export interface Asking {
  /** Each question as a group: whether a text matches one of its patterns. */
  readonly questions: readonly TextGroup[];
  /** The groups that are followed, with the question that each is part of. */
  readonly groups: readonly { readonly of: TextGroup; readonly question: number }[];
  readonly rests: readonly Rest[];
}

/**
 * Classes that go on alike from the same sides are one question: which of their patterns a text
 * matches does not matter, only whether it matches one. That keeps the joint automaton small.
 */
export function askingOf(askers: readonly Asker[]): Asking {
  const alike = new Map<string, Asker[]>();
  for (const asker of askers) {
    const key = `${asker.next} ${asker.standing} ${styleKey(asker.test) ?? asker.id}`;
    const members = alike.get(key) ?? [];
    members.push(asker);
    alike.set(key, members);
  }
  const questions = new Map<string, TextGroup>();
  const places = new Map<string, number>();
  const groups: { of: TextGroup; question: number }[] = [];
  const placeOf = (question: TextGroup, parts: readonly TextGroup[]) => {
    const known = places.get(question.key);
    if (known !== undefined) return known;
    const at = questions.size;
    questions.set(question.key, question);
    places.set(question.key, at);
    for (const of of parts) groups.push({ of, question: at });
    return at;
  };
  const rests: Rest[] = [];
  for (const members of alike.values()) {
    const parts = members.flatMap(({ test }) => (test.kind === "texts" ? test.groups : []));
    const asked =
      members.length > 1
        ? [{ at: placeOf(unionOf(parts), parts), isNegated: false }]
        : parts.map((part) => ({ at: placeOf(part, [part]), isNegated: part.isNegated }));
    for (const { id, next, standing } of members) rests.push({ id, next, standing, asked });
  }
  return { questions: [...questions.values()], groups, rests };
}

/** Undefined where a class cannot be asked with others. */
function styleKey(test: Test): string | undefined {
  if (test.kind === "atoms" || test.groups.length !== 1) return undefined;
  const [group] = test.groups;
  if (group === undefined || group.isNegated) return undefined;
  return `${group.style.isLiteral}${group.style.foldsCase}${group.prefix}`;
}

function unionOf(groups: readonly TextGroup[]): TextGroup {
  const [first] = groups;
  if (first === undefined) throw new Error("a union has members");
  const patterns = [...new Set(groups.flatMap((group) => group.patterns))].sort();
  return textGroup(patterns, first.style, false, first.prefix);
}
