import {
  applyRole,
  bothCheckouts,
  download,
  keepStep,
  mainCheckout,
  planRole,
  program,
  provider,
  requireVariables,
  roleStep,
  setPending,
  unsetJob,
  upload,
} from "./github-steps.ts";

/**
 * Returns the workflows for GitHub by path, for a repository that holds policies and names the tool in its package.json.
 * `policies` is the folder, as a word of a shell.
 */
export function githubFiles(policies: string): Readonly<Record<string, string>> {
  return {
    ".github/workflows/oss-policy-plan.yml": planWorkflow(policies),
    ".github/workflows/oss-policy-apply.yml": applyWorkflow(policies),
    ".github/workflows/oss-policy-drift.yml": driftWorkflow(policies),
  };
}

function planWorkflow(policies: string): string {
  return `# Shows on a pull request what it would change in OSS. A pull request may bring another package.json, so this runs the
# tool that the base branch names, and reads only the policy files of the pull request.
name: oss-policy plan

on:
  pull_request:
    branches: [main]

permissions: {}

concurrency:
  group: oss-policy-plan-\${{ github.ref }}
  cancel-in-progress: true

jobs:
  # This job needs no credentials, so it also runs for pull requests from forks.
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
${bothCheckouts}
      # Paths of annotations start at the checkout of the pull request.
      - name: Validate
        working-directory: head
        run: GITHUB_WORKSPACE=$PWD node ../tool/${program} validate --policies ${policies} --github
      - name: Report why there is no plan
        if: github.event.pull_request.head.repo.full_name != github.repository || github.actor == 'dependabot[bot]'
        working-directory: head
        run: |
          reason="Pull requests from forks and from Dependabot get no credentials: this one was validated, and not compared with OSS. A maintainer can push its branch to this repository for a plan."
          echo "::notice::$reason"
          echo "$reason" >> "$GITHUB_STEP_SUMMARY"
          node ../tool/${program} access diff HEAD^1..HEAD --policies ${policies} || echo "::notice::The access difference of the files could not be computed; the lines above say why."
      - name: Report which variables a plan needs
        if: github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'
${requireVariables("compared with OSS", [planRole, provider])}

  plan:
    if: >-
      github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]' &&
      vars.${planRole} != '' && vars.${provider} != ''
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      id-token: write # for the role that reads OSS
      pull-requests: write # for the comment
    steps:
${bothCheckouts}
${roleStep("Assume the role that can only read", planRole, "oss-policy-plan", 900)}
      # This does not use npm, which would read the package.json and the .npmrc of the pull request.
      - name: Plan
        working-directory: head
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: |
          mkdir ../reports
          GITHUB_WORKSPACE=$PWD node ../tool/${program} plan --policies ${policies} --base HEAD^1 --github --json ../reports/plan.json --markdown ../reports/plan.md --html ../reports/plan.html
${keepStep("Keep the reports", "plan")}
`;
}

function applyWorkflow(policies: string): string {
  const variables = [planRole, applyRole, provider];
  return `# Applies the policy files of main to OSS: first a plan with the role that can only read, then, after the environment's
# approval, exactly that plan with the role that can write. Runs are serialized and never cancelled.
name: oss-policy apply

on:
  push:
    branches: [main]

permissions: {}

concurrency:
  group: oss-policy-apply
  cancel-in-progress: false

jobs:
${unsetJob("applied", variables)}

${planJob(policies, variables)}

${applyJob(policies)}
`;
}

function planJob(policies: string, variables: readonly string[]): string {
  return `  plan:
    if: >-
      ${variables.map((name) => `vars.${name} != ''`).join(" && ")}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      id-token: write # for the role that reads OSS
    outputs:
      pending: \${{ steps.plan.outputs.pending }}
    steps:
${mainCheckout}
${roleStep("Assume the role that can only read", planRole, "oss-policy-plan", 900)}
      - name: Plan
        id: plan
        env:
          BEFORE: \${{ github.event.before }}
        run: |
          mkdir reports
          code=0
          node ${program} plan --policies ${policies} --base "$BEFORE" --github --json reports/plan.json --markdown reports/plan.md --html reports/plan.html || code=$?
          ${setPending("reports/plan.json")}
          echo "pending=$pending" >> "$GITHUB_OUTPUT"
          # Buckets that are blocked or cannot be read do not stop the others: apply reports them again, and its exit code has them.
          if [ "$pending" = true ]; then exit 0; fi
          exit "$code"
${keepStep("Keep the plan", "plan")}`;
}

function applyJob(policies: string): string {
  return `  apply:
    needs: plan
    if: needs.plan.outputs.pending == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: production
    permissions:
      contents: read
      id-token: write # for the role that writes to OSS
    steps:
${mainCheckout}
      - name: Download the reviewed plan
        uses: ${download}
        with:
          name: plan
          path: planned
${roleStep("Assume the role that can write", applyRole, "oss-policy-apply", 3600)}
      - name: Apply
        env:
          BEFORE: \${{ github.event.before }}
        run: |
          mkdir reports
          node ${program} apply --policies ${policies} --base "$BEFORE" --plan planned/plan.json --journal reports/journal.jsonl --yes --github --json reports/apply.json --markdown reports/apply.md
      # restore needs the journal, most of all after a failure.
      - name: Keep the journal
        if: always()
        uses: ${upload}
        with:
          name: journal-\${{ github.run_attempt }}
          path: reports/
          retention-days: 90`;
}

function driftWorkflow(policies: string): string {
  const variables = [planRole, provider];
  return `# Compares OSS every day with the policy files of main. One issue reports the differences; it is opened, kept up to date
# and closed again.
name: oss-policy drift

on:
  schedule:
    - cron: "17 5 * * *"
  workflow_dispatch:

permissions: {}

concurrency:
  group: oss-policy-drift
  cancel-in-progress: false

jobs:
${unsetJob("searched for drift", variables)}

  drift:
    if: ${variables.map((name) => `vars.${name} != ''`).join(" && ")}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      id-token: write # for the role that reads OSS
      issues: write # for the issue
    steps:
${mainCheckout}
${roleStep("Assume the role that can only read", planRole, "oss-policy-drift", 900)}
      - name: Search for drift
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: |
          mkdir reports
          code=0
          node ${program} plan --policies ${policies} --base HEAD --github --json reports/drift.json || code=$?
          # Drift that a guard would block is reported in the issue.
          if [ "$code" = 3 ]; then code=0; fi
          exit "$code"
${keepStep("Keep the report", "drift")}
`;
}
