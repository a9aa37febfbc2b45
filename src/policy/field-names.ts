/** Fields of a policy (OSS docs: policy syntax). */
export const policyFieldNames: readonly string[] = ["Version", "Statement"];

/** Fields of a statement (OSS docs: policy syntax). */
export const statementFieldNames: readonly string[] = [
  "Effect",
  "Principal",
  "Action",
  "Resource",
  "Condition",
];
