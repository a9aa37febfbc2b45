/** Ways in which the owner, the ACL and the operators of a bucket are not respected, each with the probe that sees it. */
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
  {
    name: "a Deny before a public ACL does not count",
    file: "plan/acl-hazards.ts",
    from: 'effect === "blockLifted"',
    to: 'effect === "gains"',
    probe: "a Deny that goes before a public ACL",
  },
  {
    name: "a public ACL gives nothing",
    file: "plan/acl-hazards.ts",
    from: 'effect: "Allow" }] };',
    to: 'effect: "Deny" }] };',
    probe: "a Deny that goes before a public ACL",
  },
  {
    name: "an operator whom no request can come from is kept",
    file: "proof/expectations.ts",
    from: "if (idle.length === 0) return undefined;",
    to: "if (idle.length >= 0) return undefined;",
    probe: "a lockout of an operator with a value that no request has",
  },
  {
    name: "a Deny may leave the account alone",
    file: "proof/lockout.ts",
    from: "return hasOthers ? named : [...named, ...closedToOthers(policy, bucket, budget)];",
    to: "return named;",
    probe: "a Deny that leaves only the account",
  },
] as const;
