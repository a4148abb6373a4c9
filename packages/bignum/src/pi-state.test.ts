import { expect, it } from 'vitest';
import { HEADER_END } from './memory-map.ts';
import { PiState } from './pi-state.ts';
import type { Team } from './team.ts';

it.each(['fraction', 'division'])(
  'closes what it reads the %s from when the team is ended meanwhile',
  async (name) => {
    let isClosed = false;
    const file = (async function* () {
      try {
        yield new Uint8Array();
        yield new Uint8Array(8);
      } finally {
        isClosed = true;
      }
    })();
    // Its head has been read.
    await file.next();
    const ended = new Error('the team is ended');
    const team = {
      buffer: new SharedArrayBuffer(HEADER_END),
      addressBits: 32,
      call: () => Promise.reject(ended),
    };
    const keeper = {
      names: async () => [name],
      load: async () => ({ figures: {}, chunks: file }),
      save: async () => true,
      delete: async () => undefined,
      isDue: () => false,
    };
    const state = new PiState(team as unknown as Team, keeper, () => 0);
    await expect(state.resume(() => undefined)).rejects.toBe(ended);
    expect(isClosed).toBe(true);
  },
);
