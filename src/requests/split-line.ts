/**
 * Places of the fields of a line in OSS's log files (OSS docs: logging). A format has 26 to 29 fields, and OSS may append
 * more. How a quotation mark inside a field is escaped is not documented: a field ends where a mark is followed by a blank
 * or by the end of the line, and if that does not fit the kinds of the fields, those behind the User-Agent are counted from
 * the right. A User-Agent that has a mark is then uncertain.
 */
export const field = {
  ip: 0,
  time: 3,
  request: 4,
  status: 5,
  referer: 8,
  userAgent: 9,
  host: 10,
  requestId: 11,
  requester: 13,
  operation: 14,
  bucket: 15,
  object: 16,
  owner: 21,
  syncRequest: 23,
  accessId: 27,
} as const;

const minFields = 26;
const maxFields = 31;
/** Fields whose kind is known. */
const knownFields = 29;

const barePlaces = [0, 1, 2, 3, 5, 6, 7, 17, 18, 20, 22];
/** A bit for each field that is in quotation marks. */
const quotedMask = Array.from({ length: knownFields }, (_, at) => at)
  .filter((at) => !barePlaces.includes(at))
  .reduce((mask, at) => mask | (1 << at), 0);

/** Start and end of each field in the text of its line, without quotation marks. */
export class FieldPlaces {
  readonly starts = new Int32Array(maxFields + 1);
  readonly ends = new Int32Array(maxFields + 1);
  count = 0;
}

const blank = 0x20;
const quote = 0x22;
const bracket = 0x5b;

/** Finds the fields of a line from `start` to `end`; false if it has not the form of a log line. */
export function splitLine(text: string, start: number, end: number, places: FieldPlaces): boolean {
  const quoted = splitFromLeft(text, start, end, places);
  const { count } = places;
  const isWhole = count >= minFields && count <= maxFields && fits(quoted, Math.min(count, knownFields));
  // Marks in the User-Agent may have shifted its end into the next field.
  const [host = 0, hostEnd] = [places.starts[field.host], places.ends[field.host]];
  if (isWhole && text.indexOf('"', host) === hostEnd) return true;
  return count >= field.referer && fits(quoted, field.referer) && splitFromRight(text, end, places);
}

/** Returns true if the first fields are quoted where they must be. */
function fits(quoted: number, fields: number): boolean {
  return ((quoted ^ quotedMask) & ((1 << fields) - 1)) === 0;
}

/** Returns the bits of the fields in quotation marks. Beyond the maximum it stops. */
function splitFromLeft(text: string, start: number, end: number, places: FieldPlaces): number {
  const { starts, ends } = places;
  let quoted = 0;
  let count = 0;
  let at = start;
  for (; at < end && count <= maxFields; count += 1) {
    const first = text.charCodeAt(at);
    let stop: number;
    if (first === quote) {
      stop = endOfQuoted(text, at + 1, end);
      if (stop < 0) break;
      quoted |= 1 << count;
      starts[count] = at + 1;
      ends[count] = stop;
      at = stop + 2;
      continue;
    }
    if (first === bracket) {
      stop = text.indexOf("]", at);
      if (stop < 0 || stop >= end) break;
      starts[count] = at + 1;
      ends[count] = stop;
      at = stop + 2;
      continue;
    }
    stop = at;
    while (stop < end && text.charCodeAt(stop) !== blank) stop += 1;
    starts[count] = at;
    ends[count] = stop;
    at = stop + 1;
  }
  places.count = at < end ? maxFields + 1 : count;
  return quoted;
}

function endOfQuoted(text: string, start: number, end: number): number {
  for (let at = text.indexOf('"', start); at >= 0 && at < end; at = text.indexOf('"', at + 1))
    if (at + 1 === end || text.charCodeAt(at + 1) === blank) return at;
  return -1;
}

/**
 * Finds the fields behind the User-Agent from the right, for each number that there may be, and takes the one that fits.
 * The fields before it are in `places` already.
 */
function splitFromRight(text: string, end: number, places: FieldPlaces): boolean {
  const fitting = Array.from({ length: maxFields - minFields + 1 }, (_, more) => minFields + more).filter(
    (count) => tryFromRight(text, end, count, places),
  );
  const [count, ...others] = fitting;
  if (count === undefined || others.length > 0) return false;
  places.count = count;
  return tryFromRight(text, end, count, places);
}

function tryFromRight(text: string, end: number, count: number, places: FieldPlaces): boolean {
  const { starts, ends } = places;
  // Both fields that a client can fill with anything, from the first mark of the Referer on.
  const free = (ends[field.referer - 1] ?? 0) + 1;
  let stop = end;
  for (let at = count - 1; at > field.userAgent; at -= 1) {
    const isQuoted = text.charCodeAt(stop - 1) === quote;
    const opening = isQuoted ? text.lastIndexOf(' "', stop - 3) : text.lastIndexOf(" ", stop - 1);
    const isRight = at >= knownFields || isQuoted === ((quotedMask >> at) % 2 !== 0);
    if (!isRight || opening <= free) return false;
    starts[at] = opening + (isQuoted ? 2 : 1);
    ends[at] = isQuoted ? stop - 1 : stop;
    stop = opening;
  }
  const border = text.indexOf('" "', free + 1);
  if (text.charCodeAt(free) !== quote || text.charCodeAt(stop - 1) !== quote) return false;
  if (border < 0 || border + 3 > stop - 1) return false;
  starts[field.userAgent] = border + 3;
  ends[field.userAgent] = stop - 1;
  return true;
}
