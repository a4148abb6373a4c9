/** How many positions the repetition counts of an expression may add to those that are written in it. */
const maxUnrolled = 300;

/**
 * Why an extended regular expression is refused before any program sees it, or undefined. Two things make grep slow or large beyond
 * its input: back references, which are matched by backtracking in exponential time, and repetition counts, which are unrolled:
 * `(a{1,1000}){1,100}` takes a gigabyte, and the time for `.{1,n}$` grows with the third power of n. Whether the expression is well
 * formed is left to grep.
 */
export function patternFault(pattern: string): string | undefined {
  /** Positions of the open groups and of the last atom of each, which a count multiplies. */
  const outer: { size: number; atom: number }[] = [];
  let group = { size: 0, atom: 0 };
  let unrolled = 0;
  for (const { text, times } of tokens(pattern)) {
    if (/^\\[1-9]/.test(text)) return 'must not use back references';
    if (text === '(') {
      outer.push(group);
      group = { size: 0, atom: 0 };
    } else if (text === ')') {
      const { size } = group;
      group = outer.pop() ?? { size: 0, atom: 0 };
      group = { size: group.size + size, atom: size };
    } else if (times !== undefined) {
      const added = group.atom * (times - 1);
      unrolled += added;
      if (unrolled > maxUnrolled) return `must not have counts that add more than ${maxUnrolled} repetitions`;
      group = { size: group.size + added, atom: group.atom + added };
    } else if (!/^[*+?|]$/.test(text)) {
      group = { size: group.size + 1, atom: 1 };
    }
  }
  return undefined;
}

interface Token {
  readonly text: string;
  /** Of a repetition count: the largest number of times. */
  readonly times?: number;
}

function* tokens(pattern: string): Generator<Token> {
  const count = /\{(\d*)(?:,(\d*))?\}/y;
  for (let at = 0; at < pattern.length; ) {
    count.lastIndex = at;
    const [counted, least, most = 0] = count.exec(pattern) ?? [];
    if (counted !== undefined) {
      yield { text: counted, times: Math.max(1, Number(least), Number(most)) };
      at += counted.length;
      continue;
    }
    const length = pattern[at] === '\\' ? 2 : pattern[at] === '[' ? setLength(pattern, at) : 1;
    yield { text: pattern.slice(at, at + length) };
    at += length;
  }
}

/** From `[` to its `]`: a `]` that comes first is a member, classes such as `[:alpha:]` are skipped, a backslash is itself. */
function setLength(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  while (at < pattern.length && pattern[at] !== ']') {
    const kind = pattern[at] === '[' ? pattern[at + 1] : undefined;
    const classEnd = kind !== undefined && ':.='.includes(kind) ? pattern.indexOf(`${kind}]`, at + 2) : -1;
    at = classEnd === -1 ? at + 1 : classEnd + 2;
  }
  return at + 1 - start;
}
