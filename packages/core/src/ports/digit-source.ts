import type { JobId } from '../job/job.ts';

/** The certain digits of one job, at one moment. */
export interface Digits {
  /** Digits asked for. */
  readonly num: number;
  /** Certain digits, the leading 3 included: `num` when complete. */
  readonly certain: number;
  readonly complete: boolean;
  /** Changes when the content does; fit for an ETag. */
  readonly version: string;
  /**
   * ASCII digits `start` to `start + count` without the point, in chunks of at most 1 MiB; reads only those bytes.
   * The range must lie within `certain`.
   */
  read(start: number, count: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The file as it is on the volume: `3`, or `3.` and digits. */
  readText(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Results of digit jobs, as the Download API needs them. */
export interface DigitSource {
  /** Undefined when there is no such job. A job that has written nothing has 0 certain digits. */
  open(id: JobId): Promise<Digits | undefined>;
  /** The finished result with the most digits, or undefined when none is finished. */
  longest(): Promise<Digits | undefined>;
}
