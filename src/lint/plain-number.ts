/** Number in any of the usual spellings; `plain` is the same number in digits alone, if there is such a form. */
export interface WrittenNumber {
  readonly plain: string | undefined;
}

/** More digits than any key of OSS needs. */
const maxDigits = 15;

/** Parses a number; undefined if the text is not one. */
export function readNumber(text: string): WrittenNumber | undefined {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d{1,64})(?:\.(\d{1,64}))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > 2 * maxDigits) return { plain: undefined };
  const digits = shifted(whole + fraction, places)?.replace(/^0+(?=\d)/, "");
  const isPlain = digits !== undefined && digits.length <= maxDigits && (sign !== "-" || digits === "0");
  return { plain: isPlain ? digits : undefined };
}

/** Divides digits by 10^places; undefined if that leaves a fraction. */
function shifted(digits: string, places: number): string | undefined {
  if (places <= 0) return digits + "0".repeat(-places);
  const padded = digits.padStart(places + 1, "0");
  return /^0*$/.test(padded.slice(-places)) ? padded.slice(0, -places) : undefined;
}
