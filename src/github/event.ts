import * as z from "zod";

/** Pull request that a run is about. */
export interface PullRequest {
  readonly number: number;
  /** True if its branch is in another repository: the token of its runs is read-only by default. */
  readonly isFork: boolean;
}

const repository = z.object({ full_name: z.string() });
const payload = z.object({
  pull_request: z.object({
    number: z.number().int().positive(),
    head: z.object({ repo: repository.nullish() }),
    base: z.object({ repo: repository }),
  }),
});

/** Parses the payload of a `pull_request` event; undefined for any other text. */
export function parsePullRequest(text: string): PullRequest | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = payload.safeParse(json);
  if (!parsed.success) return undefined;
  const { number, head, base } = parsed.data.pull_request;
  return { number, isFork: head.repo?.full_name !== base.repo.full_name };
}
