import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImageLimits } from '../image-limits.ts';
import { craftPng } from '../testing/craft-files.ts';
import { gradient } from '../testing/make-images.ts';
import { eventually, isRunning } from '../testing/processes.ts';
import { ImageEngine, type ImageEngineOptions } from './image-engine.ts';

let folder: string;
let small: string;
let large: string;
let engine: ImageEngine;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-child-'));
  small = join(folder, 'small');
  large = join(folder, 'large');
  await writeFile(small, await gradient(60, 40).jpeg().toBuffer());
  await writeFile(large, craftPng(9_000, 9_000, 9_000));
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const start = (options: ImageEngineOptions = {}): void => {
  engine = new ImageEngine({ slots: 1, ...options });
};
const quick = () => engine.processImage({ inputPath: small, outputPath: join(folder, randomUUID()) });
/** Blurs 81 megapixels, which takes many seconds. */
const slow = (limits: Partial<ImageLimits> = {}, signal = new AbortController().signal) =>
  engine.processImage({
    inputPath: large,
    outputPath: join(folder, 'never'),
    operations: [{ op: 'blur', sigma: 90 }],
    limits,
    signal,
  });
const workingPid = () => eventually(() => engine.pids[0]);
const leftovers = async () => (await readdir(folder)).filter((name) => name.startsWith('never'));

test('one process serves image after image', async () => {
  start();
  await quick();
  const pids = engine.pids;
  expect(pids).toHaveLength(1);
  for (let turn = 0; turn < 5; turn += 1) await quick();
  expect(engine.pids).toEqual(pids);
});

test('there are never more processes than slots', async () => {
  start({ slots: 2 });
  const results = Array.from({ length: 12 }, async () => {
    const result = await quick();
    expect(engine.pids.length).toBeLessThanOrEqual(2);
    return result;
  });
  expect(await Promise.all(results)).toHaveLength(12);
  expect(engine.pids).toHaveLength(2);
});

test('a process is replaced after its number of images', async () => {
  start({ maxJobsPerChild: 2 });
  await quick();
  const [first = 0] = engine.pids;
  await quick();
  expect(isRunning(first)).toBe(false);
  await quick();
  expect(engine.pids).not.toContain(first);
});

test('a process that has grown is replaced', async () => {
  start({ recycleRssBytes: 1 });
  await quick();
  expect(engine.pids).toEqual([]);
  await expect(quick()).resolves.toMatchObject({ width: 60 });
});

test('a process killed from outside at work is a failure that may be tried again, and the next image gets a new one', async () => {
  start();
  const failed = expect(slow()).rejects.toMatchObject({
    code: 'IMAGE_PROCESS_DIED',
    fault: 'service',
    retryable: true,
    message: 'The image process ended by SIGKILL before it was done.',
  });
  const pid = await workingPid();
  process.kill(pid, 'SIGKILL');
  await failed;
  expect(await leftovers()).toEqual([]);
  await expect(quick()).resolves.toMatchObject({ width: 60 });
  expect(engine.pids).not.toContain(pid);
});

test('a process killed from outside while idle is not noticed', async () => {
  start();
  await quick();
  const [pid = 0] = engine.pids;
  process.kill(pid, 'SIGKILL');
  await eventually(() => (engine.pids.length === 0 ? true : undefined));
  await expect(quick()).resolves.toMatchObject({ width: 60 });
});

test('a signal meant for the service leaves the process to the service', async () => {
  start();
  await quick();
  const pids = engine.pids;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.kill(pids[0] ?? 0, signal);
    await quick();
  }
  expect(engine.pids).toEqual(pids);
});

test('an image that takes too long ends with its process', async () => {
  start();
  await quick();
  const [pid = 0] = engine.pids;
  await expect(slow({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'IMAGE_TIMEOUT', retryable: false });
  expect(isRunning(pid)).toBe(false);
  expect(await leftovers()).toEqual([]);
});

test('a process that hangs is ended by the clock as well', async () => {
  start();
  await quick();
  const [pid = 0] = engine.pids;
  process.kill(pid, 'SIGSTOP');
  await expect(slow({ timeoutMs: 300 })).rejects.toMatchObject({ code: 'IMAGE_TIMEOUT' });
  expect(isRunning(pid)).toBe(false);
});

test('an image that takes too much memory ends with its process', async () => {
  start();
  const turned = engine.processImage({
    inputPath: large,
    outputPath: join(folder, 'never'),
    operations: [{ op: 'rotate', angle: 90 }],
    limits: { maxRssBytes: 120 * 1024 * 1024 },
  });
  await expect(turned).rejects.toMatchObject({
    code: 'IMAGE_OUT_OF_MEMORY',
    fault: 'image',
    retryable: false,
  });
  expect(engine.pids).toEqual([]);
  expect(await leftovers()).toEqual([]);
});

test('an abort ends the process, with the reason that was given', async () => {
  start();
  const abort = new AbortController();
  const reason = new Error('terminated');
  const failed = expect(slow({}, abort.signal)).rejects.toBe(reason);
  const pid = await workingPid();
  abort.abort(reason);
  await failed;
  expect(isRunning(pid)).toBe(false);
  expect(await leftovers()).toEqual([]);
});

test('an abort while it waits for a slot leaves the others alone', async () => {
  start();
  const first = slow({ timeoutMs: 1_500 }).catch(({ code }) => code);
  const pid = await workingPid();
  const abort = new AbortController();
  const waiting = slow({}, abort.signal).catch((error) => error);
  abort.abort('enough');
  expect(await waiting).toBe('enough');
  expect(isRunning(pid)).toBe(true);
  expect(await first).toBe('IMAGE_TIMEOUT');
});

test('closing ends what runs and what waits', async () => {
  start();
  const outcomes = [slow(), slow()].map((work) => work.catch(({ code }) => code));
  const pid = await workingPid();
  await engine.close();
  expect(await Promise.all(outcomes)).toEqual(['IMAGE_ENGINE_CLOSED', 'IMAGE_ENGINE_CLOSED']);
  expect(isRunning(pid)).toBe(false);
  await expect(quick()).rejects.toMatchObject({ code: 'IMAGE_ENGINE_CLOSED' });
});

test("the caller's event loop goes on meanwhile", async () => {
  start();
  await quick();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 10);
  await slow({ timeoutMs: 500 }).catch(() => {});
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(20);
});

test.skipIf(process.platform !== 'linux')(
  'the process is told no secret and is the first to go when memory is short',
  async () => {
    start();
    process.env['IMAGE_ENGINE_TEST_SECRET'] = 'hush';
    await quick();
    delete process.env['IMAGE_ENGINE_TEST_SECRET'];
    const [pid = 0] = engine.pids;
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/hush|HOME=|AWS/);
    expect(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('1000\n');
  },
);

/** A process of its own with an engine in it: prints what `tell` gives as JSON, and then stays only if it has `stay` to do. */
const otherProcess = (stay: string, tell: string) => {
  const index = new URL('../index.ts', import.meta.url).href;
  const code = `
    import { ImageEngine } from ${JSON.stringify(index)};
    const engine = new ImageEngine({ slots: 1 });
    await engine.processImage({ inputPath: ${JSON.stringify(small)}, outputPath: ${JSON.stringify(join(folder, 'other'))} });
    console.log(JSON.stringify(${tell}));
    ${stay}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = once(createInterface(child.stdout), 'line').then(([text]) => JSON.parse(String(text)));
  return { child, line, exited: once(child, 'exit') };
};

test('the process ends with its parent, even a parent that is killed', async () => {
  start();
  const { child, line, exited } = otherProcess('setInterval(() => {}, 1000);', 'engine.pids');
  const [pid] = await line;
  expect(isRunning(pid)).toBe(true);
  child.kill('SIGKILL');
  await exited;
  await eventually(() => (isRunning(pid) ? undefined : true));
});

test('an idle process does not hold up the end of its parent', async () => {
  start();
  const { line, exited } = otherProcess('', 'engine.pids');
  const [pid] = await line;
  expect(await exited).toEqual([0, null]);
  await eventually(() => (isRunning(pid) ? undefined : true));
});

test('the caller loads neither sharp nor libvips', async () => {
  start();
  const { line, exited } = otherProcess('', 'process.report.getReport().sharedObjects');
  const loaded = await line;
  await exited;
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((path: string) => /sharp|vips/.test(path))).toEqual([]);
});
