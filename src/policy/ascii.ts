/**
 * Converts A to Z to lower case and keeps every other character. OSS does not document how it treats letters
 * beyond ASCII, and some of them change the length of a text when their case changes.
 */
export function asciiLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}
