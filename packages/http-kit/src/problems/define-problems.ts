import { HttpProblem, type ProblemKind, type ProblemOptions } from './http-problem.ts';

/** Makes the error to throw; it also bears its kind, so that catalogues can be listed. */
export interface ProblemFactory extends ProblemKind {
  (detail: string, options?: ProblemOptions): HttpProblem;
  readonly code: string;
}

export type ProblemCatalogue = Readonly<Record<string, ProblemFactory>>;

/**
 * Turns a table of problem kinds into factories of the same names: `throw problems.job_not_found('No job has the id 7.')`.
 * The key is the code.
 */
export function defineProblems<const Kinds extends Readonly<Record<string, ProblemKind>>>(
  kinds: Kinds,
): { readonly [Code in keyof Kinds]: ProblemFactory } {
  const factories: Record<string, ProblemFactory> = {};
  for (const [code, kind] of Object.entries(kinds)) {
    const coded = { code, ...kind };
    factories[code] = Object.assign(
      (detail: string, options?: ProblemOptions) => new HttpProblem(coded, detail, options),
      coded,
    );
  }
  return factories as { readonly [Code in keyof Kinds]: ProblemFactory };
}
