/** What one run may take. Every limit is an integer of at least 1; reaching one ends the program's whole process group. */
export interface ProgramLimits {
  /** Wall time from the start of the program, not counting its time in line. */
  readonly timeoutMs: number;
  /** Bytes of standard output, newlines included. */
  readonly maxOutputBytes: number;
  /** Lines handed over. A program that writes exactly as many has not reached the limit. */
  readonly maxLines: number;
  /** Bytes of one line, without its newline. */
  readonly maxLineBytes: number;
}

/** 10 s, 64 MiB, 10 million lines, 1 MiB a line. */
export const defaultProgramLimits: ProgramLimits = {
  timeoutMs: 10_000,
  maxOutputBytes: 64 * 1024 * 1024,
  maxLines: 10_000_000,
  maxLineBytes: 1024 * 1024,
};

/** Throws a RangeError that names the first limit that is no integer of at least 1. */
export function checkLimits(limits: ProgramLimits): ProgramLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be an integer of at least 1, not ${value}`);
    }
  }
  return limits;
}
