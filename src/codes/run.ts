import { errorText, type CodeText } from "./code-text.ts";

/** Findings about options and runs. They cannot be silenced. */
export const runTexts: readonly CodeText[] = [
  {
    code: "wrong-region",
    severity: "warning",
    summary: "a bucket that is in another region than its file says",
    explanation: `OSS named another region as the bucket's own. The tool queried that region, once, and used its answer. Each run makes
one needless call for this.

Fix: write that region in the file.`,
  },
  {
    code: "adopts-live",
    severity: "warning",
    summary: "a file that takes over access that was set in OSS",
    explanation: `The base asked for less, and the file now asks for what OSS gives already, so nothing of it is written. Someone has
given the access in OSS, as in the console, and with this revision it lasts.

Fix: review it as a grant. If it is not wanted, take it out of the file again; apply then removes it from OSS.`,
  },
  {
    code: "unread-events",
    severity: "warning",
    summary: "a part of the events of --events that cannot be read",
    explanation: `A line is not JSON or is no event, a file is cut off, or there are no events at all. The plan is right all the same,
since events judge nothing. But the last change of a bucket may be in that part, and an earlier one is then shown.

Fix: get these events from ActionTrail again.`,
  },
  errorText(
    "events",
    "an --events that holds no events",
    `Events of ActionTrail say who changed a policy last. They are JSON lines, the files that a trail delivers to OSS, or pages of
LookupEvents, also gzipped. A path without any is a typing error, and the run ends before it connects to anything.

Fix: name a file or a folder with events, or leave out --events.`,
  ),
  {
    code: "unread-requests",
    severity: "warning",
    summary: "a part of the logs of --requests that is not a log, ends too early, or has wrong times",
    explanation: `A gzip file is cut off or damaged: the requests before that place are weighed, those behind it are not. Or no line of
a file is one of a log, as in a CSV or a JSON array. Or requests are later than now, and the span of the requests is then too long.
Single lines that cannot be read are no such finding: they are counted beside the requests.

Fix: get this log again, as the message says, or leave out the times with --until.`,
  },
  errorText(
    "requests",
    "a --requests that cannot be read",
    `Access logs say which requests a change would refuse. They are log files of OSS and JSON lines of SLS, also gzipped, told
apart by what they hold. A path that is missing or an empty folder ends the run before it connects to anything. With another
compression or as UTF-16 nothing is weighed, since a part of the requests would look like all of them.

Fix: name a log, a folder with logs, or - for stdin. docs/requests.md says how to get them.`,
  ),
  errorText(
    "no-match",
    "a --bucket, --exclude or --account that matches nothing",
    `An option that matches nothing counts as a typing error: a run that does nothing would look like one that found
everything in order.

Fix: correct the name or the pattern; * is any run of characters, ? one character.`,
  ),
  errorText(
    "defaults",
    "a file with defaults for options that cannot be taken",
    `Defaults for policies, concurrency and color may be set below oss-policy in package.json, in .oss-policyrc.yaml or in
.oss-policyrc.json, in the working directory: in one of them, as data. No other option has a default in a file, since it
would judge, or write, without being seen on the command line. Where revisions are compared, the folder of the policy
files is named on the command line: a revision that changes the file would choose the guards that judge it.

Fix: do what the message says.`,
  ),
  errorText(
    "edit",
    "an edit by grant or revoke that is not made, or that a Deny overrides",
    `grant and revoke write a file only where the edit is proved to change exactly what was asked: no request more, and no
request less. They refuse an edit that needs more, such as to take one caller out of "*", or one key out of a pattern.
A grant also names the Deny statements that still stop a part of it.

Fix: follow the help; where it says so, --deny writes a Deny statement for this principal alone. Else edit the file by
hand, and let plan show what changes.`,
  ),
  errorText(
    "init",
    "a first tree that cannot be written",
    `init writes the files of a new tree and overwrites none. It needs the UID of the account and a region, which it asks
for at a terminal. Pipelines are written for a folder inside of the repository, with a name that a shell takes as it is.

Fix: do what the message says.`,
  ),
  errorText(
    "credentials",
    "no credentials, or half of them",
    `Without credentials the tool connects to nothing, and never falls back to the sandbox. Half a pair is a mistake, never a
reason to look for another.

Fix: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or use --sandbox.`,
  ),
  errorText(
    "endpoint",
    "an --endpoint or OSS_ENDPOINT that is refused",
    `Over plain http anyone on the network path could read and change policies, so http is allowed for the loopback only.

Fix: write https://HOST, with {region} where the region belongs.`,
  ),
  errorText(
    "list",
    "the buckets of the account cannot be listed",
    `scope: all and import list all buckets of the account. Everything else that could be read is still shown.

Fix: allow oss:ListBuckets for the key, or write scope: listed.`,
  ),
  errorText(
    "npm-option",
    "an option that npm kept for itself",
    `npm takes the options before -- for itself and passes only the rest on. npm run apply --bucket a would apply to every
bucket.

Fix: write npm run apply -- --bucket a.`,
  ),
  errorText(
    "option",
    "options that cannot be used together",
    `The message names them.

Fix: keep one of them.`,
  ),
  errorText(
    "seed",
    "a seed file for the sandbox that cannot be read",
    `The message names the place in the file.

Fix: correct it there; docs/sandbox.md shows a seed file.`,
  ),
  errorText(
    "sandbox",
    "a sandbox that cannot start",
    `Its port is in use, its state folder contains files that it did not write or is used by another sandbox, or its log
cannot be written.

Fix: use another --port, --state or --log.`,
  ),
  errorText(
    "conformance",
    "a conformance run that may not start, or could not go on",
    `The run puts and deletes policies, so it needs a scratch bucket: empty, private, without a policy, of the account of
\`owner\`, and named twice on the command line. The message says what is in the way, and what of a run before may be left.

Fix: follow the message. Never name a bucket that holds data.`,
  ),
  errorText(
    "identities",
    "a file of identities for conformance that cannot be used",
    `The file names the environment variables that hold the key of each identity; it holds no key itself.
docs/conformance.md shows one.

Fix: correct the place that is named, or set the variable.`,
  ),
  errorText(
    "consent",
    "an apply that needs a confirmation and cannot get one",
    `On a terminal apply asks before it writes. In a pipeline (CI is set) it does not need to. Anywhere else there is no user
to confirm.

Fix: add --yes.`,
  ),
  {
    code: "base",
    severity: "warning",
    summary: "a revision of --base that has errors, or that this one is behind",
    explanation: `Where this revision lacks commits of the base, the plan takes back what they did: merge the base into it.

Where policy files have errors at the base, the policies of their buckets there are not known, so an edit cannot be
distinguished from drift. The same holds for a file that is too large, a submodule, or a link that leads out of the policy folder. An
account.yaml that cannot be read has no guards: the buckets of its account are blocked (new-account). A revision without
any account.yaml has no guards either, and the plan continues. Where the policy folder had another name at that
revision, the folder of that name is compared.

Fix: none is needed; review the buckets concerned more closely than usual.`,
  },
  {
    code: "account-moved",
    severity: "error",
    summary: "a bucket that belongs to another account than at the revision of --base",
    explanation: `The account of a bucket comes from the revision that was reviewed before. A revision that changes it could send a policy
to another account, or escape the guards of the bucket's own account.

Fix: correct the account. If it is right and new, accept it for one run with --accept new-account@UID.`,
  },
  {
    code: "limit",
    severity: "warning",
    summary: "a run that would change more of an account than its limits allow",
    explanation: `A tree that was moved, a variable that became empty or a wrong branch changes many buckets at once. So a run changes
at most 30 percent of the buckets of an account that have a file, and removes the policy from at most 10 percent, from
10 such buckets on; with --base, at most 10 percent may have lost their file. \`limits\` sets other numbers. Above
a limit nothing is written to the account, and the plan is still shown. First policies do not count. The limits of the
revision of --base apply too, as shares of the buckets that it has.

Fix: look at the plan; if it is intended, apply it with \`--accept limits@ACCOUNT\`, which lifts the limits for this run. Raise
the limit that the message names, in account.yaml, if most runs are that large.`,
  },
  errorText(
    "journal",
    "a journal that cannot be written, or read",
    `apply saves what it overwrites to disk before it writes; where it cannot, it writes nothing. restore skips a line that
cannot be read and warns about it, since a run that was killed leaves half a line. It refuses a file of another tool or
of a newer format as a whole.

Fix: for apply, name a new file in a folder that can be written, with room on the disk; for restore, the file
that apply wrote.`,
  ),
  errorText(
    "listen",
    "an address at which watch cannot serve its metrics",
    `watch --listen HOST:PORT serves /metrics, /healthz and /readyz. Without them, monitoring would see nothing, so watch does
not start where the address is not one, is not of this machine, or has its port taken.

Fix: name an address of this machine, such as 127.0.0.1:9464, with a free port.`,
  ),
  errorText(
    "watch",
    "a reconcile of watch that ended before it had a result",
    `Something failed that a single run would have ended with, such as a working directory that was removed. The service goes
on: it counts the reconcile as failed, and tries again.

Fix: see what the message names. If it is none of your files or folders, report a bug.`,
  ),
  errorText(
    "saved-plan",
    "a saved plan that apply cannot take",
    `apply --plan writes only what the plan says, and only where the live policy is still the one that the plan read. So the
plan must be complete: one that was cut off, changed by hand, written by another major version, or that stopped at an
error is refused. So is the plan of one shard: the limits of an account count the changes of all shards.

Fix: make a new one with plan --json, or merge the plans of all shards.`,
  ),
  errorText(
    "merge",
    "plans of shards that cannot be merged",
    `merge makes one plan of the plans of all shards and judges the limits of whole accounts by it. So each shard must be there
once, and all of them must be of the same policy files, revision, base and options: else the merged plan would be one
that no single run could have made.

Fix: do what the message says; plan --shard I/N --json FILE makes the plan of a shard again.`,
  ),
  errorText(
    "moved",
    "a bucket that changed after the run that restore would undo",
    `restore puts back the policy from before a run, and only over the policy that the run wrote. Where the bucket has
another policy by now, restore would silently overwrite it.

Fix: look at the bucket's policy, decide, and make the change with the bucket's policy file.`,
  ),
  errorText(
    "report",
    "a report that cannot be written",
    `A run whose report is lost is not a success, whatever else it did.

Fix: name a file in a folder that exists and can be written.`,
  ),
  {
    code: "github",
    severity: "warning",
    summary: "something that could not be reported to GitHub",
    explanation: `With --github a run reports its findings to GitHub: annotations, a job summary, outputs, a comment on the pull request,
an issue about drift. Each is tried by itself, and none changes how the run ends: the plan is the same without it.

Fix: do what the message says. The comment needs GITHUB_TOKEN in the environment of the step and pull-requests: write,
the issue about drift needs issues: write; a run for a pull request from a fork has neither.`,
  },
  errorText(
    "import",
    "a live policy that cannot be written as a file",
    `import writes nothing that it cannot read back as the same policy, and never replaces a file that is not the
bucket's own.

Fix: do what the message says, or write this one file by hand.`,
  ),
  errorText(
    "unreadable",
    "a bucket whose policy cannot be read",
    `A policy that could not be read is unknown, never absent: it is neither imported nor overwritten.

Fix: look at the answer of OSS that the message repeats.`,
  ),
  errorText(
    "other-account",
    "credentials of another account than the files'",
    `Importing the buckets of one account into the files of another would mix them.

Fix: use the credentials of the account in account.yaml, or another folder.`,
  ),
];
