import { spellings } from "./echoing-servers.ts";

/** All that a run leaves behind, by name. */
export type Surfaces = Readonly<Record<string, string>>;

/** Letters of a secret in a row that are as good as the secret: what the cleaning promises to find, and one more. */
const tellingLength = 13;

/** Returns where which secret is found, in any spelling of `spellings`. */
export function leaksIn(surfaces: Surfaces, secrets: readonly string[]): readonly string[] {
  return Object.entries(surfaces).flatMap(([name, text]) => {
    const plain = text.replaceAll(/[\s\u200b]|\\[nrt]/g, "").toLowerCase();
    return secrets.flatMap((secret) =>
      Object.entries(spellings)
        .filter(([, spell]) =>
          hasPart(
            plain,
            spell(secret)
              .replaceAll(/[\s\u200b]/g, "")
              .toLowerCase(),
          ),
        )
        .map(([spelling]) => `${name}: ${secret} ${spelling}`),
    );
  });
}

function hasPart(text: string, secret: string): boolean {
  const length = Math.max(tellingLength, Math.ceil(secret.length / 3));
  for (let at = 0; at + length <= secret.length; at += 1)
    if (text.includes(secret.slice(at, at + length))) return true;
  return false;
}
