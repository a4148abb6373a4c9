/** `line-full`: come again later; `shutting-down`: this runner takes nothing any more. Both are a 503 where HTTP is spoken. */
export type RunnerRefusal = 'line-full' | 'shutting-down';

/** The run was not begun: nothing of it ran and nothing will. */
export class RunnerRefusedError extends Error {
  override readonly name = 'RunnerRefusedError';
  readonly kind: RunnerRefusal;

  constructor(kind: RunnerRefusal) {
    super(kind === 'line-full' ? 'Too many programs wait in line' : 'No program is started any more');
    this.kind = kind;
  }
}
