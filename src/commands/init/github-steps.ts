/** Steps of the workflows for GitHub. The actions are pinned to the commits of this repository's own workflows. */

const checkout = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
const setUpNode = "actions/setup-node@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e # v6.4.0";
const assumeRole =
  "aliyun/configure-aliyun-credentials-action@1e5248c8d5d93a8781ac344a68e19a43341e79e6 # v1.1.0";
export const upload = "actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1";
export const download = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1";

/** Installs what package-lock.json names, without a script of any package. */
export const install = "npm ci --ignore-scripts --no-audit --no-fund";

/** Path of the tool below the folder in which it was installed. */
export const program = "node_modules/oss-policy/dist/cli.js";

export const planRole = "OSS_POLICY_PLAN_ROLE_ARN";
export const applyRole = "OSS_POLICY_APPLY_ROLE_ARN";
export const provider = "OSS_POLICY_OIDC_PROVIDER_ARN";

const nodeStep = `      - uses: ${setUpNode}
        with:
          node-version: 20
          package-manager-cache: false`;

export const bothCheckouts = `      - name: Check out main merged with this pull request
        uses: ${checkout}
        with:
          path: head
          fetch-depth: 0
          persist-credentials: false
      - name: Check out the base branch, which names the tool
        uses: ${checkout}
        with:
          ref: \${{ github.event.pull_request.base.sha }}
          path: tool
          persist-credentials: false
${nodeStep}
      - name: Install the tool of the base branch
        working-directory: tool
        run: ${install}`;

export const mainCheckout = `      - uses: ${checkout}
        with:
          fetch-depth: 0
          persist-credentials: false
${nodeStep}
      - name: Install the tool
        run: ${install}`;

export function roleStep(name: string, role: string, session: string, seconds: number): string {
  return `      - name: ${name}
        uses: ${assumeRole}
        with:
          role-to-assume: \${{ vars.${role} }}
          oidc-provider-arn: \${{ vars.${provider} }}
          audience: sts.aliyuncs.com
          role-session-name: ${session}
          role-session-expiration: ${seconds}`;
}

export function keepStep(name: string, artifact: string): string {
  return `      - name: ${name}
        if: always()
        uses: ${upload}
        with:
          name: ${artifact}
          path: reports/
          overwrite: true`;
}

export function unsetJob(what: string, variables: readonly string[]): string {
  return `  unset:
    if: >-
      ${variables.map((name) => `vars.${name} == ''`).join(" || ")}
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: {}
    steps:
      - name: Report which variables are missing
${requireVariables(what, variables)}`;
}

/** Fails where only some variables are set, since nothing may be left out silently. Where none is, it reports that. */
export function requireVariables(what: string, variables: readonly string[]): string {
  return `        env:
${variables.map((name) => `          ${name}: \${{ vars.${name} }}`).join("\n")}
        run: |
          missing=()
          for name in ${variables.join(" ")}; do
            if [ -z "\${!name:-}" ]; then missing+=("$name"); fi
          done
          if [ \${#missing[@]} = 0 ]; then exit 0; fi
          if [ \${#missing[@]} -lt ${variables.length} ]; then
            echo "::error::The repository variables are half set: \${missing[*]} missing. Set all of them, or none."
            exit 1
          fi
          reason="Nothing was ${what}: the repository variables ${variables.join(", ")} are not set."
          echo "::notice::$reason"
          echo "$reason" >> "$GITHUB_STEP_SUMMARY"`;
}

/** Returns the command of a shell that sets `pending` to whether apply has something to write, by a plan in JSON. */
export function setPending(plan: string): string {
  return `pending=$(node -p 'JSON.parse(fs.readFileSync("${plan}", "utf8")).changes.some(({ action, blocked }) => !blocked && ["create", "update", "delete"].includes(action))')`;
}
