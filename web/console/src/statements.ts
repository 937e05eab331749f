/** A statement within a text, by offsets; `end` is behind its last character, the semicolon left out. */
export interface Span { from: number; to: number }

/** Finds the end of the string, quoted name or comment that begins at `i`, or `i` itself when none does. */
function skip(text: string, i: number): number {
  const two = text.slice(i, i + 2);
  const after = (mark: string, start: number) => {
    const at = text.indexOf(mark, start);
    return at < 0 ? text.length : at + mark.length;
  };
  if (two === "--" || two === "//") {
    const at = text.indexOf("\n", i);
    return at < 0 ? text.length : at;
  }
  if (two === "/*") return after("*/", i + 2);
  if (two === "$$") return after("$$", i + 2);
  const quote = text[i];
  if (quote !== "'" && quote !== '"') return i;
  for (let j = i + 1; j < text.length; j++) {
    if (text[j] !== quote) continue;
    if (text[j + 1] === quote) j++; // a doubled quote stands for itself
    else return j + 1;
  }
  return text.length;
}

/** Splits a script at the semicolons outside of strings, quoted names and comments; a BATCH ends at the one behind APPLY BATCH. */
export function splitStatements(text: string): Span[] {
  const spans: Span[] = [];
  let words: string[] = []; // of the statement so far, in upper case: the first and the last two
  let from = -1;
  let to = -1;
  const close = () => {
    if (from >= 0) spans.push({ from, to });
    from = to = -1;
    words = [];
  };
  for (let i = 0; i < text.length; ) {
    const comment = /^(--|\/\/|\/\*)/.test(text.slice(i, i + 2));
    const end = skip(text, i);
    if (end > i) {
      if (!comment) {
        if (from < 0) from = i;
        to = end;
      }
      i = end;
      continue;
    }
    const c = text[i]!;
    if (c === ";" && !inBatch(words)) close();
    else if (!/\s/.test(c)) {
      const word = /^[A-Za-z_]\w*/.exec(text.slice(i, i + 64))?.[0];
      if (from < 0) from = i;
      if (word !== undefined) {
        words = words.length < 3 ? [...words, word.toUpperCase()] : [words[0]!, words[2]!, word.toUpperCase()];
        i += word.length - 1;
      }
      to = i + 1;
    }
    i++;
  }
  close();
  return spans;
}

function inBatch(words: string[]): boolean {
  const [last, before] = [words.at(-1), words.at(-2)];
  return words[0] === "BEGIN" && !(last === "BATCH" && before === "APPLY");
}

/** The statement that the cursor is in or right behind, else the next one, else the last. */
export function statementAt(text: string, cursor: number): Span | undefined {
  const spans = splitStatements(text);
  return spans.find((s) => cursor <= s.to + 1) ?? spans.at(-1);
}
