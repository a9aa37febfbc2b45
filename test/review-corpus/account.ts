import type { Pick } from "../soak/random.ts";
import { owner } from "./statements.ts";

/** UIDs that differ in more than two digits, so that a near miss of one is no near miss of another. */
export const people = {
  alice: "202147604049351234",
  bob: "213588190267443071",
  carol: "225931740618205596",
  etl: "268402915537760183",
  audit: "291057386421978460",
} as const;

export const operator = "247719603582146035";

/** A UID that no file names. */
export const stranger = "284460917235508821";

export function withWrongDigit(uid: string, pick: Pick): string {
  const at = pick(uid.length);
  const digit = (Number(uid[at]) + 1 + pick(9)) % 10;
  return `${uid.slice(0, at)}${digit}${uid.slice(at + 1)}`;
}

export const role = (name: string, session = "*") => `arn:sts::${owner}:assumed-role/${name}/${session}`;

export const accountFile = `account: "${owner}"
region: cn-hangzhou
operators:
  - principal: "${operator}"
limits: { change: { percent: 100 }, delete: { percent: 100 } }
identities:
${Object.entries({ ...people, ci: role("ci") })
  .map(([name, who]) => `  ${name}: "${who}"\n`)
  .join("")}`;
