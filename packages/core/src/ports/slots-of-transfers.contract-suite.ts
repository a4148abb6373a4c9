import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { InvalidCursorError } from './job-store.ts';
import { type MakeSlots, mustReserve, upload, WAIT } from './slots-under-test.contract-suite.ts';

/** Slots that uploads and downloads hold, and the control of these. */
export function describeSlotsOfTransfers(make: MakeSlots): void {
  it('come back when a transfer ends', async () => {
    await using test = await make(1);
    const { slots } = await test.openApi();
    const transfer = await slots.useForTransfer(await mustReserve(slots), upload);
    expect(await slots.reserve()).toBeUndefined();
    await transfer.end('completed');
    await mustReserve(slots);
  });

  it('come back when the process of a transfer dies, and the transfer has failed', async () => {
    await using test = await make(1);
    const [dying, other] = [await test.openApi(), await test.openApi()];
    const workerId = await mustReserve(dying.slots);
    const transfer = await dying.slots.useForTransfer(workerId, upload);
    await transfer.admit();
    transfer.moved(4);
    await vi.waitFor(async () => {
      expect((await other.slots.get(workerId))?.transfer?.bytes).toBe(4);
    }, WAIT);
    expect(await other.slots.reserve()).toBeUndefined();
    await dying.kill();
    expect(await other.slots.get(workerId)).toMatchObject({ state: 'failed' });
    await mustReserve(other.slots);
  });

  it('are given away once: a transfer whose process stood still ends when another has its slot', async () => {
    await using test = await make(1);
    const [slow, other] = [await test.openApi(), await test.openApi()];
    const workerId = await mustReserve(slow.slots);
    const transfer = await slow.slots.useForTransfer(workerId, upload);
    await vi.waitFor(async () => {
      await slow.seemDead();
      expect(await other.slots.reserve()).toBeDefined();
    }, WAIT);
    await vi.waitFor(() => expect(transfer.signal.reason).toMatchObject({ reason: 'lost' }), WAIT);
    await expect(transfer.admit()).rejects.toThrow('lost');
    await transfer.end('completed');
    expect(await other.slots.get(workerId)).toMatchObject({ state: 'failed' });
    expect(await slow.slots.count()).toEqual({ limit: 1, free: 0 });
  });

  it('let a transfer be controlled through every instance, and be ended while it is paused', async () => {
    await using test = await make();
    const [a, b] = [await test.openApi(), await test.openApi()];
    const workerId = await mustReserve(a.slots);
    const transfer = await b.slots.useForTransfer(workerId, upload);
    expect(await a.slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
    expect(await a.slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
    await a.slots.command(workerId, 'paused');
    const waiting = expect(transfer.admit()).rejects.toMatchObject({ reason: 'terminate' });
    const terminated = a.slots.command(workerId, 'terminated');
    await waiting;
    await expect(b.slots.command(workerId, 'running')).rejects.toMatchObject({ allowed: ['terminated'] });
    const again = b.slots.command(workerId, 'terminated');
    // Not refused: it is on its way already.
    await Promise.race([again, sleep(300)]);
    await transfer.end('terminated');
    for (const end of [terminated, again]) expect(await end).toMatchObject({ state: 'terminated' });
    await expect(a.slots.command(workerId, 'running')).rejects.toMatchObject({ allowed: [] });
  });

  it('let no byte of a paused transfer pass, and keep its slot', async () => {
    await using test = await make(1);
    const { slots } = await test.openApi();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await transfer.admit();
    transfer.moved(4);
    expect(await slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
    let isAdmitted = false;
    const admitted = transfer.admit().then(() => {
      isAdmitted = true;
    });
    await sleep(300);
    expect(isAdmitted).toBe(false);
    expect(await slots.reserve()).toBeUndefined();
    expect((await slots.get(workerId))?.transfer).toEqual({ bytes: 4, total: 10, bytesPerSecond: 0 });
    expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
    await admitted;
    transfer.moved(6);
    await transfer.end('completed');
    expect(await slots.get(workerId)).toMatchObject({ state: 'completed', transfer: { bytes: 10 } });
  });

  it('call a transfer paused only once the chunk on its way has arrived', async () => {
    await using test = await make();
    const { slots } = await test.openApi();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await transfer.admit();
    const paused = slots.command(workerId, 'paused');
    await sleep(200);
    expect(await slots.get(workerId)).toMatchObject({ state: 'running' });
    transfer.moved(1);
    expect(await paused).toMatchObject({ state: 'paused' });
    await transfer.end('failed');
  });

  it('list transfers newest first, page by page, while they run and after', async () => {
    await using test = await make(3);
    const { slots } = await test.openApi();
    const ids: string[] = [];
    for (const filename of ['a.txt', 'b.txt', 'c.txt']) {
      const workerId = await mustReserve(slots);
      const transfer = await slots.useForTransfer(workerId, { ...upload, filename });
      if (filename !== 'c.txt') await transfer.end('completed');
      ids.unshift(workerId);
      await sleep(2);
    }
    const first = await slots.listTransfers({ kind: 'upload', limit: 2 });
    expect(first.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(0, 2));
    const second = await slots.listTransfers({ kind: 'upload', limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(2));
    expect(second.nextCursor).toBeNull();
    await expect(slots.listTransfers({ kind: 'upload', limit: 2, cursor: 'zzz' })).rejects.toThrow(
      InvalidCursorError,
    );
    const running = await slots.listTransfers({ kind: 'upload', limit: 9, state: 'running' });
    expect(running.workers).toHaveLength(1);
    expect((await slots.listTransfers({ kind: 'download', limit: 9 })).workers).toEqual([]);
  });
}
