import fc from "fast-check";

/**
 * Generated cases are the same in every run, so that a red run is a change's own fault. To look for
 * new ones: `OSS_POLICY_SEED=$RANDOM npm run test:deep`.
 */
fc.configureGlobal({ seed: Number(process.env["OSS_POLICY_SEED"] ?? 1) });
