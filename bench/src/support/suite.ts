/** One line of a result: what was measured, how it came out, and what was aimed at. */
export interface Measurement {
  readonly what: string;
  readonly value: string;
  readonly aim?: string;
}

export interface SuiteOptions {
  /** Small sizes and few rounds: shows that it runs, not how fast. */
  readonly short: boolean;
  /** Control of running jobs: in this phase only, and so many pauses in each. */
  readonly phase?: string | undefined;
  readonly trials?: number | undefined;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** How it was measured, for the documentation. */
  readonly method: string;
  run(options: SuiteOptions): Promise<readonly Measurement[]>;
}
