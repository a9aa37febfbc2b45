/** Ways in which the owner of a bucket is not respected, each with the probe that sees it. */
export const ownerMutants = [
  {
    name: "a bucket of another account is a warning",
    file: "plan/owner.ts",
    from: 'hazard("wrong-owner", "block"',
    to: 'hazard("wrong-owner", "warn"',
    probe: "a bucket of another account",
  },
  {
    name: "a bucket of another account can be accepted",
    file: "pipeline/gate.ts",
    from: 'if (code === "wrong-owner")',
    to: 'if (code === "")',
    probe: "a bucket of another account, accepted",
  },
  {
    name: "an owner that is not known is the account's",
    file: "plan/owner.ts",
    from: "if (owner === uid) return [];",
    to: "if (owner === undefined || owner === uid) return [];",
    probe: "a bucket of an unknown account",
  },
] as const;
