import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../testing/temporary-volume.ts';
import { MutexTimeoutError, VolumeMutex } from './volume-mutex.ts';

/** A real process that takes the mutex, says so, and never lets go. */
async function spawnHolder(path: string): Promise<ChildProcess> {
  const module = new URL('./volume-mutex.ts', import.meta.url).href;
  const script = `
    const { VolumeMutex } = await import(${JSON.stringify(module)});
    await new VolumeMutex(${JSON.stringify(path)}).run(async () => {
      process.stdout.write('held');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the volume mutex', () => {
  it('is free at once when its holder is killed', async () => {
    const path = `${await temporaryFolder()}/mutex`;
    const holder = await spawnHolder(path);
    const mutex = new VolumeMutex(path);
    const entered = mutex.run(() => 'entered');
    holder.kill('SIGKILL');
    expect(await entered).toBe('entered');
    mutex.close();
  });

  it('gives up with an error while another process holds it', async () => {
    const path = `${await temporaryFolder()}/mutex`;
    await spawnHolder(path);
    const mutex = new VolumeMutex(path, { timeoutMs: 100 });
    await expect(mutex.run(() => undefined)).rejects.toThrow(MutexTimeoutError);
    mutex.close();
  });

  it('gives up all who wait for a stopped process together, not one after the other', async () => {
    const path = `${await temporaryFolder()}/mutex`;
    const holder = await spawnHolder(path);
    holder.kill('SIGSTOP');
    const mutex = new VolumeMutex(path, { timeoutMs: 200 });
    const startedAt = performance.now();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => mutex.run(() => undefined)));
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'rejected'));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    mutex.close();
  });

  it('leaves nothing on the volume but its empty file', async () => {
    const folder = await temporaryFolder();
    const mutex = new VolumeMutex(`${folder}/mutex`);
    await mutex.run(async () => expect(await readdir(folder)).toEqual(['mutex']));
    expect((await stat(`${folder}/mutex`)).size).toBe(0);
    mutex.close();
  });

  it('takes the sections of one process in the order they asked, and frees it when one throws', async () => {
    const mutex = new VolumeMutex(`${await temporaryFolder()}/mutex`);
    const order: number[] = [];
    const sections = [1, 2, 3].map((n) =>
      mutex.run(async () => {
        await new Promise((resolve) => setTimeout(resolve, 10 / n));
        order.push(n);
        if (n === 2) throw new Error('section failed');
      }),
    );
    const results = await Promise.allSettled(sections);
    expect(order).toEqual([1, 2, 3]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    mutex.close();
  });
});
