const base = "run/base.ts";
const accounts = "run/accounts-before.ts";
const environment = "git/environment.ts";

/** Wrong guards of the base and calls of git that are not isolated, each with the probe that sees it. */
export const baseMutants = [
  {
    name: "guardrails of the base do not hold",
    file: base,
    from: "guardrails: union(bucket.guardrails, guardrails, guardrailValue)",
    to: "guardrails: union(bucket.guardrails, [], guardrailValue)",
    probe: "guards that a revision removes",
  },
  {
    name: "operators of the base are locked out",
    file: base,
    from: "operators: union(bucket.account.operators, account.operators, operatorValue)",
    to: "operators: union(bucket.account.operators, [], operatorValue)",
    probe: "guards that a revision removes",
  },
  {
    name: "limits of the base do not hold",
    file: "run/limit-plan.ts",
    from: "base?.desired.accounts ?? []",
    to: "[]",
    probe: "a limit that a revision raises",
  },
  {
    name: "a bucket may go to another account",
    file: base,
    from: "before === undefined || before.uid === uid ||",
    to: 'before === undefined || before.uid !== "" ||',
    probe: "a bucket that goes to another account",
  },
  {
    name: "a new account holds nothing back",
    file: "run/new-account.ts",
    from: 'hazard("new-account", "block"',
    to: 'hazard("new-account", "warn"',
    probe: "a new account",
  },
  {
    name: "a consent to a known account is passed over",
    file: "run/new-account.ts",
    from: "if (base.newAccounts.some((account) => account.uid === uid)) return [];",
    to: "if (base.newAccounts.length > 0) return [];",
    probe: "a new account",
  },
  {
    name: "an error in an account.yaml of the base is passed over",
    file: accounts,
    from: "return { ...found, newAccounts: broken };",
    to: "return { ...found, newAccounts: [] };",
    probe: "an account.yaml of the base with an error",
  },
  {
    name: "merges are no part of the history",
    file: "git/history.ts",
    from: '"--stdin", "-m", "-r"',
    to: '"--stdin", "-r"',
    probe: "a statement that a merge brought",
  },
  {
    name: "policies may be outside of the repository",
    file: "git/checkout.ts",
    from: 'const top = folderWithGit(realpathSync("."));',
    to: "const top = folderWithGit(realpathSync(policies));",
    probe: "a folder outside of the repository",
  },
  {
    name: "of several meanings, the first is taken",
    file: "git/revision.ts",
    from: "if (meanings.length > 1)",
    to: "if (meanings.length > 9)",
    probe: "a name with two meanings",
  },
  {
    name: "replace refs are followed",
    file: environment,
    from: '  GIT_NO_REPLACE_OBJECTS: "1",\n',
    to: "",
    probe: "a replace ref",
  },
  {
    name: "a git of the tree is run",
    file: environment,
    from: "isAbsolute(folder) && !isInside(folder, top)",
    to: "isAbsolute(folder)",
    probe: "a program named git in the tree",
  },
  {
    name: "git gets the whole environment",
    file: environment,
    from: "    ...own,\n",
    to: "    ...env,\n    ...own,\n",
    probe: "what git is given",
  },
  {
    name: "git fetches what a clone left out",
    file: environment,
    from: '  GIT_NO_LAZY_FETCH: "1",\n',
    to: "",
    probe: "what git is given",
  },
  {
    name: "git reads the configuration of the user",
    file: environment,
    from: ", GIT_CONFIG_GLOBAL: nowhere }",
    to: " }",
    probe: "what git is given",
  },
  {
    name: "git may use any protocol",
    file: environment,
    from: '  GIT_ALLOW_PROTOCOL: "none",\n',
    to: "",
    probe: "what git is given",
  },
] as const;
