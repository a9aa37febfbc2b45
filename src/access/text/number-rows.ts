const [leastSlots, maxSlots] = [64, 1024];
const [leastRows, maxRows] = [256, 16_384];

/** Hash table of rows of numbers (hash-consing): equal rows have one index. */
export class NumberRows {
  #width = 0;
  #rows = new Int32Array(leastRows);
  /** Open addressing: the index of a row plus 1, or 0 for a free slot. */
  #slots = new Int32Array(leastSlots);
  #size = 0;

  /** Removes all rows. Small buffers are used again. */
  clear(width: number): void {
    this.#width = width;
    this.#size = 0;
    if (this.#slots.length > maxSlots) this.#slots = new Int32Array(leastSlots);
    else this.#slots.fill(0);
    if (this.#rows.length > maxRows) this.#rows = new Int32Array(leastRows);
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the index of a row, which is the size before the call if the row is new. */
  indexOf(row: Int32Array): number {
    const width = this.#width;
    const last = this.#slots.length - 1;
    for (let slot = hashOf(row, width) & last; ; slot = (slot + 1) & last) {
      const index = (this.#slots[slot] ?? 0) - 1;
      if (index < 0) return this.#add(row, slot);
      if (this.#isAt(index * width, row)) return index;
    }
  }

  /** Copies a row. */
  read(index: number, to: Int32Array): void {
    const start = index * this.#width;
    for (let at = 0; at < this.#width; at += 1) to[at] = this.#rows[start + at] ?? 0;
  }

  #isAt(start: number, row: Int32Array): boolean {
    for (let at = 0; at < this.#width; at += 1) if (this.#rows[start + at] !== row[at]) return false;
    return true;
  }

  #add(row: Int32Array, slot: number): number {
    const index = this.#size;
    this.#size += 1;
    while (this.#rows.length < this.#size * this.#width) this.#rows = grown(this.#rows);
    const start = index * this.#width;
    for (let at = 0; at < this.#width; at += 1) this.#rows[start + at] = row[at] ?? 0;
    this.#slots[slot] = index + 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const last = slots.length - 1;
    const row = new Int32Array(this.#width);
    for (let index = 0; index < this.#size; index += 1) {
      this.read(index, row);
      let slot = hashOf(row, this.#width) & last;
      while (slots[slot] !== 0) slot = (slot + 1) & last;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

function grown(rows: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(rows.length * 2);
  more.set(rows);
  return more;
}

function hashOf(row: Int32Array, width: number): number {
  let hash = 0;
  for (let at = 0; at < width; at += 1) {
    hash = Math.imul(hash ^ (row[at] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

const answersPerWord = 16;

/** Hash table of rows of answers, which are numbers from 0 to 3. */
export class AnswerTable {
  readonly #table = new NumberRows();
  #row = new Int32Array(1);

  clear(answers: number): void {
    const words = Math.ceil(answers / answersPerWord);
    this.#table.clear(words);
    if (this.#row.length !== words) this.#row = new Int32Array(words);
  }

  get size(): number {
    return this.#table.size;
  }

  indexOf<T>(at: readonly T[], answer: (one: T) => number): number {
    this.#row.fill(0);
    for (let index = 0; index < at.length; index += 1) {
      const one = at[index];
      if (one === undefined) continue;
      const word = Math.floor(index / answersPerWord);
      this.#row[word] = ((this.#row[word] ?? 0) << 2) | answer(one);
    }
    return this.#table.indexOf(this.#row);
  }
}
