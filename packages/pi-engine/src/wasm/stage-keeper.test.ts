import type { CheckpointStore } from '@pi-jobs/core/engine';
import { expect, test } from 'vitest';
import { CheckpointPace } from './checkpoint-pace.ts';
import { StageKeeper } from './stage-keeper.ts';

test.each(['no JSON\n', 'null\n', '{"version":2,"decimals":100}\n', '{"version":3,"decimals":99}\n'])(
  'a checkpoint that begins with %j is closed',
  async (head) => {
    let isClosed = false;
    const file = (async function* () {
      try {
        yield Buffer.from(head);
        yield new Uint8Array(8);
      } finally {
        isClosed = true;
      }
    })();
    const store: CheckpointStore = {
      list: async () => [],
      read: async () => file,
      write: async () => undefined,
      delete: async () => undefined,
    };
    await new StageKeeper(store, 100, new CheckpointPace()).load('fraction').catch(() => undefined);
    expect(isClosed).toBe(true);
  },
);
