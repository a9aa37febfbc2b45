import type { EventCaller } from "../actiontrail/event.ts";
import { isWriting, type Change, type LastChange, type Plan } from "../plan/plan.ts";
import { globMatches } from "../policy/glob.ts";
import { counted, shorten } from "./printable.ts";

/** Words before the text: all that is known are the given events. */
export const lastChangeLead = "last change in the events:";

/** Returns the last changes of a group as a sentence; undefined without events, or for an edit. */
export function lastChangeText(group: readonly [Change, ...Change[]]): string | undefined {
  const [first] = group;
  const change = lastChangeIn(first);
  if (change === undefined) return undefined;
  if (change === null) return "none";
  const { call, by, from, userAgent, eventType, eventId } = change;
  const inConsole = eventType === "ConsoleOperation" ? " in the console" : "";
  const parts = [
    `${call} by ${callerText(by, eventType, first)}${inConsole} ${timeText(group.flatMap(timesIn))}`,
    ...(from === "" ? [] : [`from ${word(from)}`]),
    ...(userAgent === "" ? [] : [`with ${word(userAgent)}`]),
    ...(eventId === "" || group.length > 1 ? [] : [`event ${word(eventId)}`]),
  ];
  return `${parts.join(", ")}${doubtText(change)}`;
}

function lastChangeIn(change: Change): LastChange | null | undefined {
  return isWriting(change) ? change.lastChange : undefined;
}

function timesIn(change: Change): readonly string[] {
  const last = lastChangeIn(change);
  return last === undefined || last === null ? [] : [last.at];
}

function timeText(times: readonly string[]): string {
  const sorted = [...times].sort((a, b) => Date.parse(a) - Date.parse(b));
  const [first = "", last = ""] = [sorted[0], sorted.at(-1)];
  return first === last ? `at ${first}` : `from ${first} to ${last}`;
}

function doubtText({ call, fitsLive, others }: LastChange): string {
  const now = call === "PutBucketPolicy" ? "no policy" : "a policy";
  return [
    others === 0 ? "" : `; ${counted(others, "other call")} in the same second`,
    fitsLive ? "" : `; OSS has ${now} now, so a later call is missing from the events`,
  ].join("");
}

/** Returns who called, with the name of the identity and the account where it is not the bucket's. */
function callerText(by: EventCaller, eventType: string, change: Change): string {
  const known = identityName(by, change);
  const details = [
    ...(known === undefined ? [] : [`identity ${word(known)}`]),
    ...(by.id === "" || by.type === "assumed-role" ? [] : [`UID ${word(by.id)}`]),
    ...(by.account === "" || by.account === change.account ? [] : [`of account ${word(by.account)}`]),
  ];
  return `${whoText(by, eventType)}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
}

function whoText({ type, name, id }: EventCaller, eventType: string): string {
  const called = word(name === "" ? id : name);
  if (type === "root-account") return "the root account";
  if (type === "ram-user") return `RAM user ${called}`;
  if (type === "assumed-role") return `role ${called.replace(":", ", session ")}`;
  const what = [word(type), called].filter((text) => text !== "").join(" ");
  const service = eventType === "AliyunServiceEvent" ? "Alibaba Cloud itself" : "";
  return [service, what].filter((text) => text !== "").join(", ") || "a caller without a name";
}

/** Returns the name in `identities` of a UID, or of a pattern that the role session matches. */
function identityName({ type, id, name, account }: EventCaller, { names }: Change): string | undefined {
  if (type !== "assumed-role") return names.get(id);
  const session = `arn:sts::${account}:assumed-role/${name.replace(":", "/")}`;
  return [...names].find(([who]) => who.startsWith("arn:sts::") && globMatches(who, session))?.[1];
}

/** Maximum of characters of a word from an event, of which a line has several. */
const maxWord = 80;

function word(text: string): string {
  return shorten(text, maxWord);
}

/** Returns what group members must have in common: who, from where and with what, but not when. */
export function lastChangeKey(change: Change): unknown {
  const last = lastChangeIn(change);
  if (last === undefined || last === null) return last;
  return { ...last, at: undefined, eventId: undefined };
}

/** Returns a note on the extent of the given events. */
export function eventsNote({ events }: Plan): readonly string[] {
  if (events === undefined) return [];
  const { count, from, until, unread } = events;
  const span = from === undefined || until === undefined ? "" : `, from ${from} to ${until}`;
  const left = unread === 0 ? "" : `, and ${counted(unread, "part")} that cannot be read`;
  return [
    `Events of ActionTrail: ${count}${span}${left}. Calls that they leave out, or that are later, are not known.`,
  ];
}
