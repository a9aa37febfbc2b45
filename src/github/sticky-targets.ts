import * as z from "zod";
import { unclear, type ApiAnswer, type Api } from "./api.ts";
import type { StickyPost, StickyTarget } from "./sticky.ts";

const entry = z.object({
  id: z.number().int(),
  number: z.number().int().optional(),
  body: z.string().nullish(),
  user: z.object({ id: z.number().int(), type: z.string() }).nullish(),
  pull_request: z.unknown().optional(),
});
type RawEntry = z.infer<typeof entry>;

/** Returns the target of comments on a pull request or an issue that begin with this line. */
export function commentTarget(api: Api, number: number, marker: string): StickyTarget {
  const all = `${api.repository}/issues/${number}/comments`;
  const one = (id: number) => `${api.repository}/issues/comments/${id}`;
  return {
    list: async () => {
      const found = await ownEntries(api, all, marker);
      if ("problem" in found || found.value.isWhole || found.value.entries.length > 0)
        return entriesOf(found);
      return { problem: unclear("there are more comments than this tool reads") };
    },
    create: async (body) => created(await api.call("POST", all, { body })),
    update: (id, body) => api.call("PATCH", one(id), { body }),
    remove: (id) => api.call("DELETE", one(id)),
  };
}

export interface IssueTexts {
  readonly marker: string;
  readonly title: string;
  /** First words of the title, which stay the same. */
  readonly titleStart: string;
  readonly label: string;
}

/** Returns the target of open issues that begin with this line. Issues cannot be deleted, so a duplicate is closed. */
export function issueTarget(api: Api, { marker, title, titleStart, label }: IssueTexts): StickyTarget {
  const all = `${api.repository}/issues`;
  return {
    list: async () => {
      const open = await ownEntries(api, `${all}?state=open`, marker, true);
      if ("problem" in open || open.value.isWhole || open.value.entries.length > 0) return entriesOf(open);
      return searchedIssue(api, { marker, titleStart, label });
    },
    // GitHub creates a missing label, and omits the label if the token may not set it.
    create: async (body) => created(await api.call("POST", all, { title, body, labels: [label] }), true),
    update: (number, body) => api.call("PATCH", `${all}/${number}`, { title, body }),
    remove: (number) => closeIssue(api, number, "not_planned"),
  };
}

/**
 * Searches for the issue by its label, then by the start of its title, if more issues are open than the page limit. If neither
 * finds it, that is a problem, since a new issue could be a duplicate.
 */
async function searchedIssue(
  api: Api,
  { marker, titleStart, label }: Omit<IssueTexts, "title">,
): Promise<ApiAnswer<readonly StickyPost[]>> {
  const labels = encodeURIComponent(label);
  const words = encodeURIComponent(
    `repo:${api.repository.replace("/repos/", "")} is:issue is:open in:title "${titleStart}"`,
  );
  for (const path of [`${api.repository}/issues?state=open&labels=${labels}`, `/search/issues?q=${words}`]) {
    const found = await ownEntries(api, path, marker, true);
    if ("value" in found && found.value.entries.length > 0) return entriesOf(found);
  }
  return {
    problem: unclear("more issues are open than this tool reads, and a search does not find this one"),
  };
}

export function closeIssue(
  api: Api,
  number: number,
  reason: "completed" | "not_planned",
): Promise<ApiAnswer<unknown>> {
  return api.call("PATCH", `${api.repository}/issues/${number}`, { state: "closed", state_reason: reason });
}

interface FoundPosts {
  readonly entries: readonly StickyPost[];
  readonly isWhole: boolean;
}

/**
 * Returns the entries that begin with the marker. Anyone who can read a repository can write and edit such an entry, so
 * only entries by a bot or by the token's own user count.
 */
async function ownEntries(
  api: Api,
  path: string,
  marker: string,
  byNumber = false,
): Promise<ApiAnswer<FoundPosts>> {
  const listed = await api.list(path, (item) => markedEntry(item, marker));
  if ("problem" in listed) return listed;
  const marked = listed.value.items;
  const isBot = ({ user }: RawEntry) => user?.type === "Bot";
  const self = marked.every(isBot) ? undefined : await ownId(api);
  const own = marked.filter((one) => isBot(one) || (self !== undefined && one.user?.id === self));
  return { value: { entries: own.map((one) => entryOf(one, byNumber)), isWhole: listed.value.isWhole } };
}

function markedEntry(item: unknown, marker: string): RawEntry | undefined {
  const parsed = entry.safeParse(item);
  if (!parsed.success || parsed.data.pull_request !== undefined) return undefined;
  return firstLine(parsed.data.body ?? "") === marker ? parsed.data : undefined;
}

/** Returns the id of a personal token's user; a token of Actions or of an app has none and is refused here. */
async function ownId(api: Api): Promise<number | undefined> {
  const answer = await api.call("GET", "/user");
  const parsed = z.object({ id: z.number().int() }).safeParse("value" in answer ? answer.value : undefined);
  return parsed.success ? parsed.data.id : undefined;
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").trimEnd();
}

function entryOf({ id, number, body }: RawEntry, byNumber: boolean): StickyPost {
  return { id: byNumber ? (number ?? id) : id, body: body ?? "" };
}

function entriesOf(found: ApiAnswer<FoundPosts>): ApiAnswer<readonly StickyPost[]> {
  return "problem" in found ? found : { value: found.value.entries };
}

function created(answer: ApiAnswer<unknown>, byNumber = false): ApiAnswer<StickyPost> {
  if ("problem" in answer) return answer;
  const parsed = entry.safeParse(answer.value);
  return parsed.success
    ? { value: entryOf(parsed.data, byNumber) }
    : { problem: unclear("GitHub's answer is not the created comment or issue") };
}
