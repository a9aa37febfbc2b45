/** Maximum of the bytes of a line: the longest key and User-Agent that OSS takes need far less. */
const maxLine = 64 * 1024;

/** Receives lines as parts of a text, which holds a character for each byte, from `start` to `end`. */
export interface LineSink {
  readonly onLine: (text: string, start: number, end: number) => void;
  readonly onTooLong: () => void;
}

/** Splitter that is fed a stream part by part, and holds no more than the start of one line of it. */
export interface LineSplitter {
  readonly push: (part: Buffer) => void;
  readonly end: () => void;
}

export function splitLines({ onLine, onTooLong }: LineSink): LineSplitter {
  let rest = "";
  let isSkipping = false;

  const flush = () => {
    if (rest !== "") onLine(rest, 0, rest.length);
    rest = "";
  };
  /** Keeps the start of a line that goes on in the next part. */
  const keep = (text: string) => {
    if (isSkipping) return;
    rest += text;
    if (rest.length <= maxLine) return;
    rest = "";
    isSkipping = true;
    onTooLong();
  };
  return {
    push: (part) => {
      const text = part.toString("latin1");
      let start = text.indexOf("\n");
      if (start < 0) return keep(text);
      keep(text.slice(0, start));
      if (!isSkipping) flush();
      isSkipping = false;
      start += 1;
      for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
        if (end - start > maxLine) onTooLong();
        else onLine(text, start, end);
        start = end + 1;
      }
      keep(text.slice(start));
    },
    end: () => {
      flush();
      isSkipping = false;
    },
  };
}
