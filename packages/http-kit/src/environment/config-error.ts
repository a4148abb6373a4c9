/** One variable that is missing or not what it must be. */
export interface ConfigIssue {
  readonly name: string;
  /** A sentence part: `must be an integer from 0 to 65535, not "abc"`. */
  readonly message: string;
}

/** The environment is not usable; the message names every bad variable, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(
      `the environment is not usable: ${issues.map(({ name, message }) => `${name} ${message}`).join('; ')}`,
    );
    this.issues = issues;
  }
}
