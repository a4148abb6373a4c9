/** What one place of a name may be: any run of characters, or one character of some kind. */
type Step = 'run' | ((character: string) => boolean);

/**
 * A test of whole names against a glob: `*` any characters, `?` one, `[abc]`, `[a-z]` and `[!a-z]` one of a set, `\` takes the next
 * literally; a `[` without its `]` is itself. Time is at most the product of the lengths: after a mismatch only the last `*` takes
 * one character more, since whatever an earlier one could give it can take itself.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  const steps = parseGlob(glob);
  return (name) => {
    const characters = Array.from(name);
    let step = 0;
    let at = 0;
    let retry: { step: number; at: number } | undefined;
    while (at < characters.length || step < steps.length) {
      const expected = steps[step];
      const character = characters[at];
      if (expected === 'run') {
        retry = { step, at: at + 1 };
        step++;
      } else if (expected !== undefined && character !== undefined && expected(character)) {
        step++;
        at++;
      } else if (retry !== undefined && retry.at <= characters.length) {
        ({ step, at } = retry);
      } else {
        return false;
      }
    }
    return true;
  };
}

function parseGlob(glob: string): Step[] {
  // A set has a first member, which may be `]`; so `[!]` and `[]` are no sets. The look-ahead keeps `!` from being that member.
  const tokens = glob.match(/\\.|\[(?:[!^]|(?![!^]))(?:\\.|[^\\])(?:\\.|[^\]\\])*\]|./gsu) ?? [];
  return tokens.map((token) => {
    if (token === '*') return 'run';
    if (token === '?') return () => true;
    if (token.startsWith('[') && token.length > 1) return parseSet(token.slice(1, -1));
    const literal = token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
    return (character) => character === literal;
  });
}

/** Ranges go by code point. */
function parseSet(inside: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(inside);
  const members = Array.from(
    inside.slice(isNegated ? 1 : 0).matchAll(/(\\.|.)(?:-(\\.|.))?/gsu),
    ([, low = '', high = low]) => ({ low: codePoint(low), high: codePoint(high) }),
  );
  return (character) => {
    const code = codePoint(character);
    return members.some(({ low, high }) => low <= code && code <= high) !== isNegated;
  };
}

function codePoint(token: string): number {
  return (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token).codePointAt(0) ?? 0;
}
