export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 2,
  /** The job failed or was terminated. */
  noResult: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
