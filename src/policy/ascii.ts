/**
 * Text with A to Z in lower case and every other character as it is. What OSS does with letters beyond
 * ASCII is not documented, and some of them change their number when their case does.
 */
export function asciiLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}
