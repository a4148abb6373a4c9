import type { ObjectStore } from '../../ports/object-store.ts';
import { VersionConflictError } from '../../ports/object-store.ts';

const START_DIGITS = 12;

/** Digits `start` up to, not including, `end` of a job, in one object. */
export interface DigitPart {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The digits of a job, in parts of their own: `digits/<id>/<index of the part's first digit>`, ASCII digits without the point. An
 * object in S3 cannot grow, and the parts of a multipart upload cannot be read before it is complete; these can.
 *
 * A part is written once and never changed. Whoever writes one writes the true digits from that index on, so it does not matter that a
 * worker that has lost its job still writes: parts may overlap, and what they cover together without a gap is certain.
 */
export function prefixOfParts(jobId: string): string {
  return `digits/${jobId}/`;
}

/** The parts that cover the digits from the first one on, in order, without those that add nothing. */
export async function listParts(store: ObjectStore, jobId: string): Promise<DigitPart[]> {
  const prefix = prefixOfParts(jobId);
  const parts: DigitPart[] = [];
  let covered = 0;
  for (let after: string | undefined, hasMore = true; hasMore; ) {
    const page = await store.list(prefix, after === undefined ? {} : { after });
    for (const { key, size } of page.objects) {
      const start = Number(key.slice(prefix.length));
      if (start > covered) return parts;
      if (start + size > covered) {
        parts.push({ key, start, end: start + size });
        covered = start + size;
      }
    }
    after = page.objects.at(-1)?.key;
    hasMore = page.hasMore && after !== undefined;
  }
  return parts;
}

export function certainOf(parts: readonly DigitPart[]): number {
  return parts.at(-1)?.end ?? 0;
}

/** Digits `start` to `start + count`, which must be covered. */
export async function* readParts(
  store: ObjectStore,
  parts: readonly DigitPart[],
  start: number,
  count: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let position = start;
  const end = start + count;
  for (const part of parts) {
    if (position >= end) return;
    if (part.end <= position) continue;
    const span = { start: position - part.start, end: Math.min(end, part.end) - part.start };
    const object = await store.get(part.key, { ...span, ...(signal === undefined ? {} : { signal }) });
    if (object === undefined) throw new Error(`${part.key} is gone`);
    yield* object.body;
    position = part.start + span.end;
  }
}

/** Appends digits as parts; what it was given is readable once `flush` resolves. */
export class DigitPartWriter {
  readonly #store: ObjectStore;
  readonly #jobId: string;
  #start: number;
  #chunks: Buffer[] = [];
  #length = 0;

  /** `start`: digits that are there already. */
  constructor(store: ObjectStore, jobId: string, start: number) {
    this.#store = store;
    this.#jobId = jobId;
    this.#start = start;
  }

  /** Digits that are readable. */
  get written(): number {
    return this.#start;
  }

  /** Digits taken, those that are not readable yet included. */
  get digits(): number {
    return this.#start + this.#length;
  }

  get pendingBytes(): number {
    return this.#length;
  }

  append(asciiDigits: Uint8Array): void {
    // The engine may use the memory again.
    this.#chunks.push(Buffer.from(asciiDigits));
    this.#length += asciiDigits.length;
  }

  /** One at a time. What a failed one did not write is written by the next. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const bytes = Buffer.concat(this.#chunks);
    const key = prefixOfParts(this.#jobId) + String(this.#start).padStart(START_DIGITS, '0');
    try {
      await this.#store.put(key, bytes, { ifVersion: null, contentType: 'text/plain' });
    } catch (error) {
      // Another worker has written from here on: what its part does not cover follows it.
      if (!(error instanceof VersionConflictError)) throw error;
      const there = (await this.#store.stat(key))?.size ?? 0;
      if (there < bytes.length) return this.#keepRest(bytes, there);
    }
    this.#keepRest(bytes, bytes.length);
  }

  #keepRest(written: Buffer, covered: number): void {
    const all = Buffer.concat(this.#chunks);
    const rest = Buffer.concat([written.subarray(covered), all.subarray(written.length)]);
    this.#start += covered;
    this.#chunks = [rest];
    this.#length = rest.length;
  }
}
