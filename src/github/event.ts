import { z } from "zod";

/** The pull request that a run is about. */
export interface PullRequest {
  readonly number: number;
  /** Its branch is in another repository: the token of its runs only reads, unless somebody chose otherwise. */
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

/** Reads the payload of a `pull_request` event; undefined where it is none. */
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
