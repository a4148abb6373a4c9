import type { PiKeeper, PiStage } from '@pi-jobs/bignum';
import type { CheckpointStore } from '@pi-jobs/core/engine';

/** Stages of shorter computations are faster computed again than written and read. */
const fewestKeptDecimals = 3_000_000;
const chunkBytes = 1 << 20;
const formatVersion = 1;

/** What stands before the parts, as a line of JSON. */
interface StageHeader {
  readonly version: number;
  readonly decimals: number;
  readonly lengths: readonly number[];
}

const nameOf = (stage: PiStage): string => `wasm.${stage}`;

/** Stages of a computation in a checkpoint store, a checkpoint each; the fraction makes the series superfluous. */
export function stageKeeper(store: CheckpointStore | undefined, decimals: number): PiKeeper | undefined {
  if (store === undefined || decimals < fewestKeptDecimals) return undefined;
  return {
    load: async (stage, wanted) => {
      const chunks = await store.read(nameOf(stage));
      return chunks === undefined
        ? undefined
        : decodeStage(Buffer.concat(await Array.fromAsync(chunks)), wanted);
    },
    save: async (stage, saved, parts) => {
      await store.write(nameOf(stage), encodeStage(saved, parts));
      if (stage === 'fraction') await store.delete(nameOf('series'));
    },
  };
}

/** Removes what was kept. */
export async function forgetStages(store: CheckpointStore | undefined): Promise<void> {
  await store?.delete(nameOf('series'));
  await store?.delete(nameOf('fraction'));
}

function* encodeStage(decimals: number, parts: readonly Uint8Array[]): Generator<Uint8Array> {
  const header: StageHeader = { version: formatVersion, decimals, lengths: parts.map((part) => part.length) };
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  for (const part of parts) {
    // Copies, because shared memory is not accepted everywhere that takes bytes.
    for (let start = 0; start < part.length; start += chunkBytes) yield part.slice(start, start + chunkBytes);
  }
}

/** The parts, or undefined when they are of another version or another number of decimals. */
function decodeStage(bytes: Buffer, decimals: number): readonly Uint8Array[] | undefined {
  const headerEnd = bytes.indexOf(0x0a);
  const header = JSON.parse(bytes.toString('utf8', 0, headerEnd)) as Partial<StageHeader>;
  if (header.version !== formatVersion || header.decimals !== decimals) return undefined;
  let position = headerEnd + 1;
  return (header.lengths ?? []).map((length) => {
    position += length;
    return bytes.subarray(position - length, position);
  });
}
