const guarded = "oss/guarded.ts";
const secrets = "oss/secrets.ts";

/** Places where the cleaning of a text is left out, each with the probe that sees it. */
export const secretMutants = [
  {
    name: "a part of a signature is shown",
    file: "oss/signatures.ts",
    from: "signatures.includes(run.slice(at, at + partLength))",
    to: "false",
    probe: "a signature",
  },
  {
    name: "the message of a problem is shown as it is",
    file: guarded,
    from: "message: cleanedText(message, secrets)",
    to: "message",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the help of a problem is shown as it is",
    file: guarded,
    from: "help: cleanedText(help, secrets)",
    to: "help",
    probe: "a secret that OSS sends back",
  },
  {
    name: "an EC with a secret in it is shown",
    file: guarded,
    from: "ec: cleanedText(ec, secrets)",
    to: "ec",
    probe: "a secret that OSS sends back",
  },
  {
    name: "a region with a secret in it is taken",
    file: guarded,
    from: "if (secrets.isIn(region))",
    to: "if (secrets.isIn(address.region))",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the problem of a read is shown as it is",
    file: guarded,
    from: "? { ...live, problem: cleaned(live.problem, secrets) } : live;",
    to: "? live : live;",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the problem of the ACL is shown as it is",
    file: guarded,
    from: "guardedExposure(await store.exposure(address), secrets)",
    to: "store.exposure(address)",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the problem of Block Public Access is shown as it is",
    file: guarded,
    from: "guardedBlock(await store.accountBlock(), secrets)",
    to: "store.accountBlock()",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the message of a deletion with a secret in it is shown",
    file: guarded,
    from: "guardedAnswer(await store.delete(address), secrets)",
    to: "store.delete(address)",
    probe: "a secret that OSS sends back",
  },
  {
    name: "the sandbox prints the secret of its seed file",
    file: "commands/sandbox.ts",
    from: 'isOwn ? (first?.key.secret ?? "") : "..."',
    to: "first?.key.secret",
    probe: "a secret of a seed file",
  },
  {
    name: "a broken seed file is quoted",
    file: "sandbox/seed/form.ts",
    from: '    .replace(/(: | --> ).*$/, "")\n',
    to: "",
    probe: "a secret of a seed file",
  },
  {
    name: "the message of a bug is shown",
    file: "system-error.ts",
    from: "  return [kind, ...frames",
    to: "  return [kind + message, ...frames",
    probe: "the text of a bug",
  },
  {
    name: "a message of a bug is taken for its frames",
    file: "system-error.ts",
    from: ".slice(after)",
    to: ".slice(0)",
    probe: "the text of a bug",
  },
] as const;
