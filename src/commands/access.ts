import { accessDifference } from "../access/difference.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { hasErrors, refusal, type Diagnostic } from "../diagnostic.ts";
import { suggestion } from "../near-miss.ts";
import { can, matrixRow, principalsIn, publicIn, whoCan, type Asked } from "../proof/answers.ts";
import { problemOf } from "../proof/expectations.ts";
import { addressOf, desiredPolicy, spansOf } from "../proof/places.ts";
import { accessJson, requestJson } from "../report/access-json.ts";
import { renderAccess } from "../report/access-text.ts";
import { expectLine, renderAllowed, renderMatrix } from "../report/answers-text.ts";
import { jsonText, type JsonObject } from "../policy/json.ts";
import { decisionTexts, dependenceText, requestText } from "../access/words.ts";
import { readDesired } from "../run/desired-tree.ts";
import { failure, success } from "../run/exit.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput, type Output } from "../run/output.ts";
import { desiredAt } from "../run/revision.ts";
import { selectTree } from "../run/selection.ts";

/** What one question comes to: text for people, and the same as data. */
interface Told {
  readonly text: string;
  readonly json: JsonObject;
}

type Reply = Told | { readonly problems: readonly Diagnostic[] };

type Question = (words: readonly string[], options: Options, out: Output) => Reply;

const questions: Readonly<Record<string, Question>> = {
  "who-can": askWhoCan,
  can: askCan,
  diff: askDiff,
  public: askPublic,
  matrix: askMatrix,
};

/** Answers what the policies of the files allow, for all requests that can be made. */
export function access(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const [name = "", ...words] = options.words;
  const question = questions[name];
  const reply: Reply =
    question === undefined
      ? problem(`access knows no question \`${name}\``, suggestion(name, Object.keys(questions)))
      : question(words, options, out);
  if ("problems" in reply) {
    out.diagnostics(reply.problems);
    return Promise.resolve(out.end(failure("the question cannot be answered")));
  }
  out.result(reply.text);
  const json = `${jsonText({ formatVersion: "1.0", question: name, ...reply.json }, 2)}\n`;
  return Promise.resolve(out.end(options.json === undefined ? success : out.report(options.json, json)));
}

function problem(message: string, help: string): { readonly problems: readonly Diagnostic[] } {
  return { problems: [refusal("question", message, help)] };
}

type Buckets = readonly DesiredBucket[];

/** The buckets of the tree that were asked for. Lint errors do not matter here: the question is what the text means. */
function bucketsOf(
  options: Options,
): { readonly buckets: Buckets } | { readonly problems: readonly Diagnostic[] } {
  const { desired, diagnostics } = readDesired(options.policies);
  if (hasErrors(diagnostics)) return { problems: diagnostics };
  return selectTree(desired, options);
}

function askedOf(bucket: DesiredBucket): Asked {
  return { bucket: addressOf(bucket), policy: desiredPolicy(bucket) };
}

interface Place {
  readonly bucket: DesiredBucket;
  readonly key: string | undefined;
}

/** `bucket` or `bucket/key`. */
function placeOf(text: string, options: Options): Place | { readonly problems: readonly Diagnostic[] } {
  const found = bucketsOf(options);
  if ("problems" in found) return found;
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const bucket = found.buckets.find((one) => one.bucket === name);
  const names = found.buckets.map((one) => one.bucket);
  if (bucket === undefined)
    return problem(`no file speaks of the bucket \`${name}\``, suggestion(name, names));
  return { bucket, key: slash < 0 ? undefined : text.slice(slash + 1) };
}

function askWhoCan(
  [action = "", resource = "", ...more]: readonly string[],
  options: Options,
  out: Output,
): Reply {
  if (resource === "" || more.length > 0)
    return problem(
      "who-can takes an action and a resource",
      "write `access who-can oss:GetObject BUCKET/KEY`",
    );
  const place = placeOf(resource, options);
  if ("problems" in place) return place;
  const odd = problemOf(
    { principal: "*", actions: [action], to: place.key, context: new Map() },
    place.bucket,
  );
  if (odd !== undefined) return problem(odd.message, odd.help);
  const allowed = whoCan(askedOf(place.bucket), action, place.key);
  const lines = renderAllowed(allowed, out.style);
  return {
    text: `${action} on ${resource} is allowed to:\n${lines.join("\n")}\n`,
    json: { allowed: accessJson(allowed) },
  };
}

function askCan(
  [principal = "", action = "", resource = "", ...more]: readonly string[],
  options: Options,
  out: Output,
): Reply {
  if (resource === "" || more.length > 0)
    return problem(
      "can takes a principal, an action and a resource",
      "write `access can UID oss:GetObject BUCKET/KEY`",
    );
  const place = placeOf(resource, options);
  if ("problems" in place) return place;
  const context = new Map<string, string>();
  for (const text of options.with) {
    const at = text.indexOf("=");
    if (at < 1) return problem(`--with \`${text}\` is no KEY=VALUE`, "write `--with acs:SourceVpc=vpc-1`");
    context.set(text.slice(0, at), text.slice(at + 1));
  }
  const { bucket, key } = place;
  const known = bucket.account.identities.get(principal) ?? principal;
  const who = known === bucket.account.uid ? "owner" : known;
  const odd = problemOf({ principal: who, actions: [action], to: key, context }, bucket);
  if (odd !== undefined) return problem(odd.message, odd.help);
  const { verdict, allowed, refused, cause } = can(askedOf(bucket), who, action, key, context);
  const policy = desiredPolicy(bucket);
  const places = refused === undefined ? [] : spansOf(bucket, policy, refused.deciding);
  const lines = [
    `${verdict}: ${principal} ${action} on ${resource}${verdict === "partly" ? ", namely:" : ""}`,
    ...(verdict === "partly" ? renderAllowed(allowed, out.style) : []),
    ...(cause === undefined ? [] : [`  ${cause}`]),
    ...(refused === undefined
      ? []
      : [
          `  ${requestText(refused.witness)} is ${decisionTexts[refused.decision]}`,
          ...places.map(({ file, start }) => `  decided by ${file}:${start.line}:${start.column}`),
          ...(refused.dependsOn.length === 0 ? [] : [`  ${dependenceText(refused.dependsOn)}`]),
          "  as a test beside the policy:",
          expectLine(refused.witness, false),
        ]),
  ];
  const json = {
    verdict,
    allowed: accessJson(allowed),
    refused: refused === undefined ? null : { ...requestJson(refused.witness), decision: refused.decision },
    places: places.map(({ file, start }) => ({ file, ...start })),
  };
  return { text: `${lines.join("\n")}\n`, json };
}

/** `REV..REV`: what differs between two git revisions of the tree. */
function askDiff([range = "", ...more]: readonly string[], options: Options, out: Output): Reply {
  const [from = "", to = "", ...rest] = range.split("..");
  if (from === "" || to === "" || rest.length > 0 || more.length > 0)
    return problem("diff takes two git revisions", "write `access diff main..HEAD`");
  const [old, wanted] = [desiredAt(from, options.policies), desiredAt(to, options.policies)];
  if ("problems" in old) return old;
  if ("problems" in wanted) return wanted;
  const names = [...new Set([...old.buckets, ...wanted.buckets].map(({ bucket }) => bucket))].sort();
  const changes = names.flatMap((name) => {
    const [before, after] = [old, wanted].map(({ buckets }) => buckets.find(({ bucket }) => bucket === name));
    const bucket = after ?? before;
    if (bucket === undefined) return [];
    const [was, is] = [before, after].map((one) => (one === undefined ? "none" : desiredPolicy(one)));
    const difference = accessDifference(was ?? "none", is ?? "none", addressOf(bucket));
    const isGone = after === undefined ? " (its file is gone, and its live policy stays)" : "";
    return difference.verdict === "equal" ? [] : [{ name, isGone, difference }];
  });
  const lines = changes.flatMap(({ name, isGone, difference }) => [
    `${name}${isGone}`,
    ...renderAccess(difference, out.style),
  ]);
  const text =
    changes.length === 0 ? "The access is the same in every bucket (proved).\n" : `${lines.join("\n")}\n`;
  return {
    text,
    json: {
      buckets: changes.map(({ name, difference }) => ({ bucket: name, access: accessJson(difference) })),
    },
  };
}

function askPublic(words: readonly string[], options: Options, out: Output): Reply {
  if (words.length > 0) return problem("public takes no words", "narrow it with --bucket");
  const found = bucketsOf(options);
  if ("problems" in found) return found;
  const open = found.buckets.flatMap((bucket) => {
    const allowed = publicIn(askedOf(bucket));
    return allowed.verdict === "equal" ? [] : [{ name: bucket.bucket, allowed }];
  });
  const lines = open.flatMap(({ name, allowed }) => [
    `${name}: anonymous callers may`,
    ...renderAllowed(allowed, out.style),
  ]);
  const text =
    open.length === 0 ? "No policy allows anonymous callers anything (proved).\n" : `${lines.join("\n")}\n`;
  return {
    text,
    json: { buckets: open.map(({ name, allowed }) => ({ bucket: name, access: accessJson(allowed) })) },
  };
}

function askMatrix(words: readonly string[], options: Options): Reply {
  if (words.length > 0) return problem("matrix takes no words", "narrow it with --bucket");
  const found = bucketsOf(options);
  if ("problems" in found) return found;
  const rows = found.buckets.flatMap((bucket) => {
    const asked = askedOf(bucket);
    return principalsIn([asked]).map((principal) => ({
      bucket: bucket.bucket,
      principal,
      cells: matrixRow(asked, principal === bucket.account.uid ? "owner" : principal),
    }));
  });
  return {
    text: renderMatrix(rows),
    json: { rows: rows.map((row) => ({ ...row, cells: { ...row.cells } })) },
  };
}
