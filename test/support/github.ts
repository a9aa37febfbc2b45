import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface GithubUser {
  readonly id: number;
  readonly login: string;
  readonly type: "Bot" | "User";
}

export interface GithubComment {
  readonly id: number;
  readonly issue: number;
  readonly user: GithubUser;
  body: string;
}

export interface GithubIssue {
  readonly id: number;
  readonly number: number;
  readonly user: GithubUser;
  readonly title: string;
  readonly labels: readonly string[];
  readonly isPullRequest: boolean;
  body: string;
  state: string;
  reason: string | null;
}

export interface GithubCall {
  readonly method: string;
  readonly path: string;
  readonly token: string;
}

/** What goes wrong with a call; `lost` gives no answer after it took effect. */
export interface GithubFault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly body?: string;
  readonly delayMs?: number;
  readonly lost?: "before" | "after";
}

export interface GithubToken {
  readonly user: GithubUser;
  readonly canWrite: boolean;
}

export const actionsBot: GithubUser = { id: 41898282, login: "github-actions[bot]", type: "Bot" };
export const otherBot: GithubUser = { id: 5, login: "dependabot[bot]", type: "Bot" };
export const mallory: GithubUser = { id: 7, login: "mallory", type: "User" };
export const maintainer: GithubUser = { id: 8, login: "maintainer", type: "User" };

export interface GithubOptions {
  /** Who may do what; the usual one writes as the bot of Actions. */
  readonly tokens?: Readonly<Record<string, GithubToken>>;
  /** Whether a token that writes may edit what other users wrote, as GitHub's own may. */
  readonly editsOthers?: boolean;
  /** Asked for each call, in the order in which they come in. */
  readonly fault?: (call: GithubCall, index: number) => GithubFault | undefined;
}

export interface Github {
  readonly url: string;
  readonly calls: readonly GithubCall[];
  readonly comments: GithubComment[];
  readonly issues: GithubIssue[];
  /** Puts a comment there, as if its author had. */
  comment(issue: number, user: GithubUser, body: string): GithubComment;
  issue(user: GithubUser, body: string, more?: Partial<GithubIssue>): GithubIssue;
}

const maxUnits = 65_536;
export const token = "ghs_thetokenofthistest";

/** As much of GitHub's REST API as comments and issues need, on the loopback. */
export async function githubServer(options: GithubOptions = {}): Promise<Github> {
  const world = newWorld(options);
  const server = createServer((request, response) => void answer(request, response, world));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world.url = url;
  return world;
}

interface World extends Github {
  url: string;
  readonly calls: GithubCall[];
  readonly options: GithubOptions;
  readonly tokens: Readonly<Record<string, GithubToken>>;
}

function newWorld(options: GithubOptions): World {
  const comments: GithubComment[] = [];
  const issues: GithubIssue[] = [];
  let last = 100;
  return {
    url: "",
    calls: [],
    comments,
    issues,
    options,
    tokens: options.tokens ?? { [token]: { user: actionsBot, canWrite: true } },
    comment: (issue, user, body) => {
      const comment = { id: (last += 1), issue, user, body };
      comments.push(comment);
      return comment;
    },
    issue: (user, body, more = {}) => {
      const number = issues.length + 1;
      const issue = { id: (last += 1), number, user, body, title: "", labels: [], ...open, ...more };
      issues.push(issue);
      return issue;
    },
  };
}

const open = { isPullRequest: false, state: "open", reason: null };

async function answer(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const text = await new Promise<string>((resolve) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
  });
  const { method = "", url: path = "", headers } = request;
  const call = { method, path, token: (headers.authorization ?? "").replace(/^Bearer /, "") };
  world.calls.push(call);
  const fault = world.options.fault?.(call, world.calls.length - 1) ?? {};
  await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 0));
  if (fault.lost === "before") return void request.socket.destroy();
  if (fault.status !== undefined) {
    response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
    return void response.end(fault.body ?? JSON.stringify({ message: fault.message ?? "as the test wants" }));
  }
  const reply = replyTo(call, text, world);
  if (fault.lost === "after") return void request.socket.destroy();
  response.writeHead(reply.status, { "content-type": "application/json; charset=utf-8", ...reply.headers });
  response.end(reply.json === undefined ? "" : JSON.stringify(reply.json));
}

interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const notFound: Reply = { status: 404, json: { message: "Not Found" } };
const notAccessible: Reply = { status: 403, json: { message: "Resource not accessible by integration" } };

function replyTo({ method, path, token: given }: GithubCall, text: string, world: World): Reply {
  const who = world.tokens[given];
  if (who === undefined) return { status: 401, json: { message: "Bad credentials" } };
  const url = new URL(path, world.url);
  if (url.pathname === "/user")
    return who.user.type === "Bot" ? notAccessible : { status: 200, json: who.user };
  if (url.pathname === "/search/issues") return searched(url.searchParams.get("q") ?? "", world);
  const [, rest] = /^\/repos\/octo\/policies(\/.*)$/.exec(url.pathname) ?? [];
  if (rest === undefined) return notFound;
  const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  if (method !== "GET" && !who.canWrite) return notAccessible;
  if (typeof body["body"] === "string" && body["body"].length > maxUnits)
    return {
      status: 422,
      json: { message: "Validation Failed: body is too long (maximum is 65536 characters)" },
    };
  return (
    comments(method, rest, body, url, who, world) ?? issues(method, rest, body, url, who, world) ?? notFound
  );
}

/** Open issues by their title, as the one search that is made. */
function searched(query: string, world: World): Reply {
  const [, title] = /^repo:octo\/policies is:issue is:open in:title "(.*)"$/.exec(query) ?? [];
  const items = world.issues
    .filter((issue) => issue.state === "open" && issue.title === title)
    .map(issueJson);
  return { status: 200, json: { total_count: items.length, incomplete_results: false, items } };
}

function comments(
  method: string,
  path: string,
  body: Record<string, unknown>,
  url: URL,
  { user }: GithubToken,
  world: World,
): Reply | undefined {
  const [, ofIssue] = /^\/issues\/(\d+)\/comments$/.exec(path) ?? [];
  if (ofIssue !== undefined && method === "GET")
    return page(
      world.comments.filter(({ issue }) => issue === Number(ofIssue)),
      url,
    );
  if (ofIssue !== undefined && method === "POST")
    return { status: 201, json: world.comment(Number(ofIssue), user, String(body["body"])) };
  const [, id] = /^\/issues\/comments\/(\d+)$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const index = world.comments.findIndex((comment) => comment.id === Number(id));
  const comment = world.comments[index];
  if (comment === undefined) return notFound;
  if (comment.user.id !== user.id && world.options.editsOthers !== true) return notAccessible;
  if (method === "DELETE") {
    world.comments.splice(index, 1);
    return { status: 204 };
  }
  comment.body = String(body["body"]);
  return { status: 200, json: comment };
}

function issues(
  method: string,
  path: string,
  body: Record<string, unknown>,
  url: URL,
  { user }: GithubToken,
  world: World,
): Reply | undefined {
  if (path === "/issues" && method === "GET") {
    const label = url.searchParams.get("labels");
    const wanted = world.issues.filter(
      ({ state, labels }) =>
        state === url.searchParams.get("state") && (label === null || labels.includes(label)),
    );
    return page(wanted.reverse().map(issueJson), url);
  }
  if (path === "/issues" && method === "POST") {
    const { title, labels } = body as { title: string; labels: readonly string[] };
    return { status: 201, json: issueJson(world.issue(user, String(body["body"]), { title, labels })) };
  }
  const [, number] = /^\/issues\/(\d+)$/.exec(path) ?? [];
  const issue = world.issues.find((one) => one.number === Number(number));
  if (issue === undefined || method !== "PATCH") return undefined;
  if (issue.user.id !== user.id && world.options.editsOthers !== true) return notAccessible;
  if (typeof body["body"] === "string") issue.body = body["body"];
  if (typeof body["state"] === "string") issue.state = body["state"];
  if (typeof body["state_reason"] === "string") issue.reason = body["state_reason"];
  return { status: 200, json: issueJson(issue) };
}

function issueJson({ isPullRequest, ...issue }: GithubIssue) {
  return isPullRequest ? { ...issue, pull_request: { url: "" } } : issue;
}

/** Pages as GitHub gives them: the next one is named in the Link header. */
function page(items: readonly unknown[], url: URL): Reply {
  const size = Number(url.searchParams.get("per_page") ?? 30);
  const number = Number(url.searchParams.get("page") ?? 1);
  const next = new URL(url);
  next.searchParams.set("page", String(number + 1));
  const isLast = number * size >= items.length;
  const prev = number > 1 ? `<${url.href}>; rel="prev"` : undefined;
  const link = [prev, isLast ? undefined : `<${next.href}>; rel="next"`].filter((one) => one !== undefined);
  return {
    status: 200,
    json: items.slice((number - 1) * size, number * size),
    ...(link.length === 0 ? {} : { headers: { link: link.join(", ") } }),
  };
}
