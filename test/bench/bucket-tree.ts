/** Name of the bucket of this number. */
export function bucketName(index: number): string {
  return `bench-${String(index).padStart(5, "0")}`;
}

/** A tree with a file for each bucket. JSON is YAML: the files need no writer of their own. */
export function bucketTree(
  names: readonly string[],
  policyOf: (name: string) => object,
): Readonly<Record<string, string>> {
  const files = names.map((name): [string, string] => [
    `policies/${name}.yaml`,
    JSON.stringify({ bucket: name, policy: policyOf(name) }, null, 2),
  ]);
  return {
    "policies/account.yaml":
      'account: "1746495857600001"\nregion: cn-hangzhou\nlimits: { change: { percent: 100 } }\n',
    ...Object.fromEntries(files),
  };
}
