import { install, program, setPending } from "./github-steps.ts";

/** Returns the pipeline by path. `policies` is the folder, as a word of a shell. */
export function gitlabFiles(policies: string): Readonly<Record<string, string>> {
  return { ".gitlab-ci.yml": pipeline(policies) };
}

const reports = "--json plan.json --markdown plan.md --html plan.html";

/** Each plan of a merge request uses the tool that its base revision names: its own package.json runs beside no key. */
function pipeline(policies: string): string {
  return `# Plans merge requests, applies the default branch, and searches for drift in scheduled pipelines.
variables:
  GIT_DEPTH: "0" # the plan compares with history

default:
  image: node:20

plan:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  environment: { name: plan, action: access }
  script:
    # The package.json of the merge request runs beside no key: the tool is the one of its base revision.
    - git worktree add --force --detach tool "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    - (cd tool && ${install})
    - node tool/${program} validate --policies ${policies}
    - node tool/${program} plan --policies ${policies} --base "$CI_MERGE_REQUEST_DIFF_BASE_SHA" ${reports}
  artifacts: { when: always, paths: [plan.json, plan.md, plan.html] }

plan-main:
  rules:
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment: { name: plan, action: access }
  script:
    - ${install}
    - code=0
    - node ${program} plan --policies ${policies} --base "$CI_COMMIT_BEFORE_SHA" ${reports} || code=$?
    # Buckets that are blocked or cannot be read do not stop the others: apply reports them again, and its exit code has them.
    - ${setPending("plan.json")}
    - if [ "$pending" = true ]; then exit 0; fi
    - exit "$code"
  artifacts: { when: always, paths: [plan.json, plan.md, plan.html] }

apply:
  rules:
    - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      when: manual
  needs: [plan-main]
  environment: production
  resource_group: oss-policy # one at a time
  script:
    - ${install}
    - node ${program} apply --policies ${policies} --base "$CI_COMMIT_BEFORE_SHA" --plan plan.json --journal journal.jsonl
  artifacts: { when: always, paths: [journal.jsonl] }

# Drift, or anything else that is pending, fails this job.
drift:
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  environment: { name: plan, action: access }
  script:
    - ${install}
    - node ${program} plan --policies ${policies} --base "$CI_COMMIT_SHA" --detailed-exitcode ${reports}
  artifacts: { when: always, paths: [plan.json, plan.md, plan.html] }
`;
}
