export type SearchProgram = 'grep' | 'rg';

export interface SearchPlan {
  /** Literal unless `isRegex`; never with a newline. `''` is in every line. */
  readonly term: string;
  readonly isRegex: boolean;
  /** The program stops at this many matching lines; Infinity for never. */
  readonly maxMatches: number;
  readonly before: number;
  readonly after: number;
  readonly path: string;
}

/** Without context the output is the matching lines; with it they are numbered, as `ContextCollector` reads them. */
export function searchArguments(program: SearchProgram, plan: SearchPlan): string[] {
  const { term, isRegex, maxMatches, before, after, path } = plan;
  const hasContext = before + after > 0;
  return [
    ...(program === 'grep' ? grepMode(isRegex, hasContext) : ripgrepMode(isRegex, hasContext)),
    ...(Number.isFinite(maxMatches) ? ['-m', String(maxMatches)] : []),
    ...(hasContext ? ['-B', String(before), '-A', String(after)] : []),
    // `-e` and `--`, so that neither the term nor the path can be taken for an option.
    '-e',
    term,
    '--',
    path,
  ];
}

/** A stray byte that is no text must not turn the answer into "binary file matches": `-a`. */
function grepMode(isRegex: boolean, isNumbered: boolean): string[] {
  return ['-a', '-h', isRegex ? '-E' : '-F', ...(isNumbered ? ['-n'] : [])];
}

function ripgrepMode(isRegex: boolean, isNumbered: boolean): string[] {
  return [
    '--no-config',
    '--text',
    '--encoding=none',
    '--no-filename',
    '--no-heading',
    '--color=never',
    isNumbered ? '--line-number' : '--no-line-number',
    ...(isRegex ? [] : ['--fixed-strings']),
  ];
}
