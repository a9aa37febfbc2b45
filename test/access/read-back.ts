import type { Request } from "../../src/access/request.ts";
import { parseIpRange } from "../../src/policy/ip-range.ts";

/** A region as it is read from what is printed, by code that shares nothing with the renderer. */
export interface ReadRegion {
  readonly principals: readonly ReadTerm[];
  readonly actions: readonly ReadTerm[];
  readonly bucket: boolean;
  readonly keys: readonly ReadTerm[];
  readonly conditions: readonly ReadCondition[];
}

export interface ReadTerm {
  readonly all: readonly ReadWord[];
  readonly except: readonly ReadWord[];
}

/** A bare word, several of our own words as one, or a quoted text. */
export interface ReadWord {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly isFolded: boolean;
}

interface ReadCondition {
  readonly key: string;
  readonly terms: readonly ReadTerm[];
  readonly orAbsent: boolean;
}

/** Words, quoted texts and signs; a quoted text keeps its quotes. */
function tokensOf(text: string): string[] {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[;()]|,(?= )|[^\s,;()"]+/gsu) ?? [];
  if (
    tokens.join("") !== text.replaceAll(/"(?:[^"\\]|\\.)*"|\s/gsu, (all) => (all.startsWith('"') ? all : ""))
  )
    throw new Error(`cannot be read: ${text}`);
  return tokens;
}

/** The tokens up to one that is `stop`, which is taken away with them. */
function takeUntil(tokens: string[], stop: (token: string) => boolean): string[] {
  const at = tokens.findIndex(stop);
  if (at < 0) throw new Error(`no end in ${tokens.join(" ")}`);
  const taken = tokens.slice(0, at);
  tokens.splice(0, at + 1);
  return taken;
}

export function readRegion(text: string): ReadRegion {
  const tokens = tokensOf(text).flatMap((token) =>
    !token.startsWith('"') && token.endsWith(":") ? [token.slice(0, -1), ":"] : [token],
  );
  const principals = termsOf(takeUntil(tokens, (token) => token === ":"));
  const isLong = tokens.indexOf("(") >= 0 && tokens.indexOf("(") === tokens.indexOf("actions") + 1;
  if (isLong) takeUntil(tokens, (token) => token === "(");
  const actions = termsOf(takeUntil(tokens, (token) => token === (isLong ? ")" : "on")));
  if (isLong) takeUntil(tokens, (token) => token === "on");
  const parts: string[][] = [[]];
  for (const [index, token] of tokens.entries()) {
    if (token === "," && ["over", "from", "where", "at", "until"].includes(tokens[index + 1] ?? ""))
      parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const [on = [], ...conditions] = parts;
  const things = termsOf(on);
  const isBucket = ({ all: [word] }: ReadTerm) => word?.text === "the bucket" && !word.isQuoted;
  return {
    principals,
    actions,
    bucket: things.some(isBucket),
    keys: things.filter((term) => !isBucket(term)),
    conditions: conditions.map(conditionOf),
  };
}

function split(tokens: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const token of tokens) {
    if (token === separator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** With a semicolon, each part is a term; else exceptions go on to the end. */
function termsOf(tokens: readonly string[]): readonly ReadTerm[] {
  if (tokens.includes(";")) return split(tokens, ";").map(termOf);
  const at = tokens.indexOf("except");
  if (at < 0) return split(tokens, ",").map(termOf);
  const last = tokens.lastIndexOf(",", at);
  const before = last < 0 ? [] : split(tokens.slice(0, last), ",");
  return [...before.map(termOf), termOf(tokens.slice(last + 1))];
}

function termOf(tokens: readonly string[]): ReadTerm {
  const at = tokens.indexOf("except");
  const base = at < 0 ? tokens : tokens.slice(0, at);
  return {
    all: split(base, "and").map(wordOf),
    except: at < 0 ? [] : split(tokens.slice(at + 1), ",").map(wordOf),
  };
}

function wordOf(tokens: readonly string[]): ReadWord {
  const isFolded = tokens.slice(-3).join(" ") === "in any case";
  const own = isFolded ? tokens.slice(0, -3) : tokens;
  const [first = ""] = own;
  if (first.startsWith('"')) return { text: first.slice(1, -1), isQuoted: true, isFolded };
  return { text: own.join(" "), isQuoted: false, isFolded };
}

function conditionOf(tokens: readonly string[]): ReadCondition {
  const [word, ...rest] = tokens;
  const plain = (text: string): ReadTerm => ({
    all: [{ text, isQuoted: false, isFolded: false }],
    except: [],
  });
  if (word === "over")
    return {
      key: "acs:SecureTransport",
      terms: [plain(rest[0] === "TLS" ? "true" : "false")],
      orAbsent: false,
    };
  if (word === "where") {
    const [key = "", is, ...values] = rest;
    if (is !== "is") throw new Error(`no condition: ${tokens.join(" ")}`);
    const terms = split(values, "or").map(termOf);
    const isAbsent = ({ all: [one] }: ReadTerm) => one?.text === "absent" && !one.isQuoted;
    return {
      key: key.startsWith('"') ? literal(key.slice(1, -1)) : key,
      terms: terms.filter((term) => !isAbsent(term)),
      orAbsent: terms.some(isAbsent),
    };
  }
  if (word === "at" || word === "until" || /^\d{4}-/.test(rest[0] ?? ""))
    return {
      key: "acs:CurrentTime",
      terms: split(tokens, "or").map((one) => plain(one.join(" "))),
      orAbsent: false,
    };
  if (/VPC|none/.test(rest.join(" ")))
    return { key: "acs:SourceVpc", terms: vpcTermsOf(rest), orAbsent: false };
  return { key: "acs:SourceIp", terms: split(rest, "or").map(termOf), orAbsent: false };
}

const internet: ReadWord = { text: "", isQuoted: true, isFolded: false };

function vpcTermsOf(tokens: readonly string[]): readonly ReadTerm[] {
  const text = tokens.join(" ");
  if (text === "outside of any VPC") return [{ all: [internet], except: [] }];
  const anywhere = "any VPC or none";
  if (text.startsWith(anywhere)) {
    const except = tokens.slice(tokens.indexOf("except") + 1);
    return [{ all: [], except: split(except, ",").map((one) => vpcWord(one)) }];
  }
  return split(tokens, "or").map((one) => {
    const term = termOf(one[0] === "VPC" ? one.slice(1) : one);
    return { all: term.all.map(asVpc), except: term.except.map(asVpc) };
  });
}

function vpcWord(tokens: readonly string[]): ReadWord {
  return asVpc(wordOf(tokens));
}

function asVpc(word: ReadWord): ReadWord {
  if (word.isQuoted) return word;
  if (word.text === "none") return internet;
  return word.text === "any VPC" ? { ...word, text: "vpc-*" } : word;
}

/** Whether the printed region speaks of a request. */
export function speaksOf(region: ReadRegion, request: Request): boolean {
  const { principals, actions, bucket, keys, conditions } = region;
  return (
    principals.some((term) => meets(term, (word) => principalIs(word, request.principal))) &&
    actions.some((term) => meets(term, (word) => matchesText(word, request.action))) &&
    (request.resource === ""
      ? bucket
      : keys.some((term) =>
          meets(term, (word) => isOurs(word, "all objects") || matchesText(word, request.resource)),
        )) &&
    conditions.every((condition) => holds(condition, request))
  );
}

function meets({ all, except }: ReadTerm, is: (word: ReadWord) => boolean): boolean {
  return all.every(is) && !except.some(is);
}

function isOurs({ text, isQuoted }: ReadWord, ours: string): boolean {
  return !isQuoted && text === ours;
}

function principalIs(word: ReadWord, asking: string): boolean {
  if (isOurs(word, "everyone")) return true;
  if (isOurs(word, "anonymous") || isOurs(word, "owner")) return word.text === asking;
  if (isOurs(word, "any UID")) return /^\d+$/.test(asking);
  if (isOurs(word, "any role session")) return asking.startsWith("arn:");
  if (!word.isFolded) return matchesText(word, asking);
  const fold = (arn: string) => arn.replace(/\/[^/]*\//, (role) => role.toLowerCase());
  return matchesText({ ...word, isFolded: false, text: fold(word.text) }, fold(asking));
}

function holds({ key, terms, orAbsent }: ReadCondition, { context }: Request): boolean {
  const given = context.get(key);
  if (given === undefined) return orAbsent;
  return terms.some((term) => meets(term, (word) => valueIs(key, word, given)));
}

function valueIs(key: string, word: ReadWord, given: string): boolean {
  if (isOurs(word, "present") || isOurs(word, "any address")) return true;
  if (key === "acs:SourceIp") {
    const [range, address] = [parseIpRange(word.text), parseIpRange(given)];
    if (range === undefined || address === undefined) throw new Error(`no range: ${word.text}`);
    return range.version === address.version && range.first <= address.first && address.first <= range.last;
  }
  const [, from, to] = /^(?:from|at) (\S+)(?: to (\S+))?$/.exec(word.text) ?? [];
  const [, until] = word.isQuoted ? [] : (/^until (\S+)$/.exec(word.text) ?? []);
  if (until !== undefined) return Date.parse(given) <= Date.parse(until);
  if (from === undefined || word.isQuoted) return matchesText(word, given);
  const at = (text: string) => (key === "acs:CurrentTime" ? Date.parse(text) : Number(text));
  const last = to ?? (word.text.startsWith("at") ? from : undefined);
  return at(from) <= at(given) && (last === undefined || at(given) <= at(last));
}

/** Quoted or bare, `*` and `?` are wildcards unless a backslash stands before them. */
function matchesText(word: ReadWord, given: string): boolean {
  const key = `${word.isQuoted} ${word.isFolded} ${word.text}`;
  const pattern = patterns.get(key) ?? patternOf(word);
  patterns.set(key, pattern);
  return pattern.test(given);
}

/** Compiled once for each word: a world asks each thousands of times. */
const patterns = new Map<string, RegExp>();

function patternOf({ text, isQuoted, isFolded }: ReadWord): RegExp {
  const source = isQuoted ? text : text.replaceAll("\\", "\\\\");
  const pattern = [...source.matchAll(/\\u\{([0-9A-F]+)\}|\\(.)|(.)/gsu)].map(([, code, escaped, plain]) => {
    if (code !== undefined) return quoted(String.fromCodePoint(Number.parseInt(code, 16)));
    if (plain === "*") return ".*";
    return plain === "?" ? "." : quoted(escaped ?? plain ?? "");
  });
  return new RegExp(`^${pattern.join("")}$`, isFolded ? "isu" : "su");
}

function literal(source: string): string {
  return source.replaceAll(/\\u\{([0-9A-F]+)\}|\\(.)/gsu, (_, code: string | undefined, escaped: string) =>
    code === undefined ? escaped : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

function quoted(character: string): string {
  return character.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (sign) => `\\${sign}`);
}
