import { parseDesired } from "../../desired/desired.ts";
import { renderAccountFile } from "../../desired/render.ts";
import { hasErrors, refusal, type Diagnostic } from "../../diagnostic.ts";
import type { Failed, Result } from "../../result.ts";
import { isPipeline, type Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";

/** Account of a new tree. */
export interface FirstAccount {
  readonly account: string;
  readonly region: string;
}

export const defaultPolicies = "policies";
const defaultRegion = "cn-hangzhou";

/** Returns whether a person is there to answer. */
export function mayAsk(io: Io): boolean {
  return io.isTerminal.stdin && io.isTerminal.stderr && !isPipeline(io);
}

/** Takes the account from the options, and asks for the rest of it. */
export async function readAccount(options: Options, io: Io): Promise<Result<FirstAccount>> {
  const [account, ...others] = options.account;
  if (others.length > 0)
    return failed("init writes one account, and --account is given more than once", "give one UID");
  const problems = [
    ...(account === undefined ? [] : optionProblems("account", account, accountProblem(account))),
    ...(options.region === undefined
      ? []
      : optionProblems("region", options.region, regionProblem(options.region))),
  ];
  if (problems.length > 0) return { problems };
  if (account !== undefined && options.region !== undefined) return { account, region: options.region };
  if (!mayAsk(io)) return missing(account, options.region);
  const uid = account ?? (await ask("UID of the account", undefined, accountProblem, io));
  const region =
    uid === undefined
      ? undefined
      : (options.region ?? (await ask("Region of its buckets", defaultRegion, regionProblem, io)));
  if (uid === undefined || region === undefined) return failed("init was not answered", "run it again");
  return { account: uid, region };
}

function missing(account: string | undefined, region: string | undefined): Failed {
  const what = [
    ...(account === undefined ? [["the UID of the account", "--account UID"]] : []),
    ...(region === undefined ? [["its region", `--region ${defaultRegion}`]] : []),
  ];
  const names = what.map(([name]) => name).join(" and ");
  const flags = what.map(([, flag]) => `\`${flag ?? ""}\``).join(" and ");
  return failed(`init needs ${names}, and there is no terminal to ask`, `add ${flags}`);
}

const maxTries = 3;

/** Asks until the answer is valid; undefined where the user stops, or never gives one. */
export async function ask(
  question: string,
  initial: string | undefined,
  problemOf: (answer: string) => string | undefined,
  io: Io,
): Promise<string | undefined> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const answer = await io.ask(`${question}${initial === undefined ? "" : ` (${initial})`}: `);
    if (answer === undefined) return undefined;
    const value = answer.trim() === "" ? initial : answer.trim();
    const problem = value === undefined ? "an answer is needed" : problemOf(value);
    if (problem === undefined) return value;
    io.stderr(`  ${problem}\n`);
  }
  return undefined;
}

function accountProblem(account: string): string | undefined {
  if (/^[0-9]{1,4}$/.test(account))
    return 'too short for the UID of an account, such as `"1746495857600001"`';
  return problemIn({ account, region: defaultRegion });
}

function regionProblem(region: string): string | undefined {
  return problemIn({ account: "1", region });
}

/** Returns what the reader of account files has against one. */
function problemIn({ account, region }: FirstAccount): string | undefined {
  const files = [
    { path: "account.yaml", text: renderAccountFile(account, region) },
    { path: "bucket.yaml", text: "bucket: examplebucket\npolicy: none\n" },
  ];
  const { diagnostics } = parseDesired(files);
  return hasErrors(diagnostics) ? diagnostics[0]?.message.replace(/^`\w+`: /, "") : undefined;
}

function optionProblems(name: string, value: string, problem: string | undefined): readonly Diagnostic[] {
  return problem === undefined ? [] : [refusal("init", `--${name} \`${value}\`: ${problem}`)];
}

function failed(message: string, help: string): Failed {
  return { problems: [refusal("init", message, help)] };
}
