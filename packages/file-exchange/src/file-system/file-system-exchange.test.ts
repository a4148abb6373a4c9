import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeFileExchange, MAX_BYTES } from '../file-exchange.contract-suite.ts';
import { UploadRules } from '../rules/upload-rules.ts';
import { FileSystemExchange, type FileSystemExchangeOptions } from './file-system-exchange.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'file-exchange-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function openIn(
  dataFolder: string,
  options: Partial<FileSystemExchangeOptions> = {},
): Promise<FileSystemExchange> {
  return await FileSystemExchange.open({
    rules: new UploadRules({ maxBytes: MAX_BYTES }),
    dataFolder,
    ...options,
  });
}

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

describeFileExchange('a folder', async () => {
  const folder = await newFolder();
  return {
    exchange: await openIn(folder),
    countLeftovers: async () => (await readdir(join(folder, 'files.partial'))).length,
    [Symbol.asyncDispose]: async () => undefined,
  };
});

describe('the exchange on a folder', () => {
  it('keeps files that a restart finds again', async () => {
    const folder = await newFolder();
    const stored = await (await openIn(folder)).put('a.txt', text('content'));
    expect(await (await openIn(folder)).stat('a.txt')).toEqual(stored);
    expect(await readFile(join(folder, 'files', 'a.txt'), 'utf8')).toBe('content');
  });

  it('closes a file that the disk tells nothing of', async () => {
    const exchange = await openIn(await newFolder());
    await exchange.put('a.txt', text('content'));
    const handle = await open(import.meta.filename);
    const handles = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const failing = Object.assign(new Error('i/o error'), { code: 'EIO' });
    const stat = vi.spyOn(handles, 'stat').mockRejectedValueOnce(failing);
    onTestFinished(() => stat.mockRestore());
    await expect(exchange.open('a.txt')).rejects.toBe(failing);
    expect(stat.mock.contexts[0]).toHaveProperty('fd', -1);
  });

  it('lists and hands out nothing but plain files with names that may be', async () => {
    const folder = await newFolder();
    const exchange = await openIn(folder);
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await symlink('../secret.txt', join(folder, 'files', 'link.txt'));
    await mkdir(join(folder, 'files', 'folder.txt'));
    await writeFile(join(folder, 'files', '.hidden.txt'), '');
    await promisify(execFile)('mkfifo', [join(folder, 'files', 'pipe.txt')]);
    expect(await exchange.list()).toEqual([]);
    for (const name of ['link.txt', 'folder.txt', '.hidden.txt', 'pipe.txt']) {
      await expect(exchange.open(name)).rejects.toMatchObject({ code: 'not_found' });
      await expect(exchange.stat(name)).rejects.toMatchObject({ code: 'not_found' });
      await expect(exchange.remove(name)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(exchange.put('link.txt', text('x'))).rejects.toMatchObject({ code: 'name_taken' });
  });

  it('sweeps partial files after a day, and only then', async () => {
    const folder = await newFolder();
    await openIn(folder);
    const partials = join(folder, 'files.partial');
    for (const [name, hours] of [
      ['old', 25],
      ['young', 23],
    ] as const) {
      await writeFile(join(partials, name), '');
      const then = new Date(Date.now() - hours * 3_600_000);
      await utimes(join(partials, name), then, then);
    }
    await openIn(folder);
    expect(await readdir(partials)).toEqual(['young']);
  });

  it('refuses what would not leave its reserve free on the disk, announced or not', async () => {
    const folder = await newFolder();
    const full = await openIn(folder, { reserveBytes: Number.MAX_SAFE_INTEGER });
    await expect(full.put('a.txt', text('x'))).rejects.toMatchObject({ code: 'no_space', status: 507 });
    expect(await readdir(join(folder, 'files.partial'))).toEqual([]);
  });

  it('holds no more files than it may, and takes one again when one is gone', async () => {
    const exchange = await openIn(await newFolder(), { maxFiles: 2 });
    await exchange.put('a.txt', text('x'));
    await exchange.put('b.txt', text('x'));
    await expect(exchange.put('c.txt', text('x'))).rejects.toMatchObject({ code: 'no_space' });
    await exchange.remove('a.txt');
    await exchange.put('c.txt', text('x'));
    expect(await exchange.list()).toEqual(['b.txt', 'c.txt']);
  });

  it('takes over a file for which a copy would have no space', async () => {
    const folder = await newFolder();
    const full = await openIn(folder, { reserveBytes: Number.MAX_SAFE_INTEGER });
    await writeFile(join(folder, 'complete'), 'text');
    expect(await full.adopt('a.txt', join(folder, 'complete'))).toMatchObject({ size: 4 });
  });

  it('takes over a complete file without copying it, after the same checks', async () => {
    const folder = await newFolder();
    const exchange = await openIn(folder);
    const path = join(folder, 'complete');
    await writeFile(path, '%PDF-1.7');
    await expect(exchange.adopt('a.png', path)).rejects.toMatchObject({ code: 'content_mismatch' });
    await expect(exchange.adopt('a.exe', path)).rejects.toMatchObject({ code: 'extension_not_allowed' });
    const stored = await exchange.adopt('a.pdf', path);
    expect(stored.size).toBe(8);
    expect((await stat(path)).ino).toBe((await stat(join(folder, 'files', 'a.pdf'))).ino);
    expect(await exchange.adopt('a.pdf', path)).toEqual(stored);
    await writeFile(join(folder, 'another'), '%PDF-1.7');
    await expect(exchange.adopt('a.pdf', join(folder, 'another'))).rejects.toMatchObject({
      code: 'name_taken',
    });
  });

  it('holds at most its high-water mark while the caller makes no call, and nothing of the chunks once they are written', async () => {
    const exchange = await openIn(await newFolder(), { rules: new UploadRules({ maxBytes: 1e9 }) });
    await using upload = await exchange.beginUpload('a.csv');
    const before = process.memoryUsage().arrayBuffers;
    for (let turn = 0; turn < 200; turn += 1) await upload.write(Buffer.alloc(1024 * 1024, 'x'));
    await delay(50);
    expect(upload.bytes).toBe(200 * 1024 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 1024 * 1024);
  });
});

const childSource = (folder: string, step: string): string => `
  import { FileSystemExchange, UploadRules } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
  const exchange = await FileSystemExchange.open({
    rules: new UploadRules({ maxBytes: 1e9 }), dataFolder: ${JSON.stringify(folder)}, reserveBytes: 0,
  });
  ${step}
`;

function startChild(folder: string, step: string, prefix: readonly string[] = []) {
  const [command = '', ...args] = [
    ...prefix,
    process.execPath,
    '--conditions=@pi-jobs/source',
    '--input-type=module',
    '--eval',
    childSource(folder, step),
  ];
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('the exchange between processes', () => {
  it('lets exactly one of several processes win a name', async () => {
    const folder = await newFolder();
    const race = `
      const results = [];
      const uploads = [];
      for (let n = 0; n < 20; n += 1) uploads.push(await exchange.beginUpload('file-' + n + '.txt'));
      process.stdout.write('ready');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      for (const upload of uploads) {
        await upload.write(Buffer.from(String(process.pid)));
        results.push(await upload.commit().then(() => 'won', (error) => error.code));
      }
      process.stdout.write(JSON.stringify(results));
      process.stdin.destroy();
    `;
    const children = Array.from({ length: 3 }, () => startChild(folder, race));
    for (const child of children) await once(child.stdout, 'data');
    for (const child of children) child.stdin.write('go');
    const answers = await Promise.all(
      children.map(async (child) => JSON.parse((await Array.fromAsync(child.stdout)).join(''))),
    );
    for (let n = 0; n < 20; n += 1) {
      expect(answers.map((answer) => answer[n]).sort()).toEqual(['name_taken', 'name_taken', 'won']);
      const winner = children[answers.findIndex((answer) => answer[n] === 'won')];
      expect(await readFile(join(folder, 'files', `file-${n}.txt`), 'utf8')).toBe(String(winner?.pid));
    }
    expect(await readdir(join(folder, 'files.partial'))).toEqual([]);
  });

  it('shows nothing of an upload whose process was killed, whenever that was', async () => {
    const folder = await newFolder();
    const upload = `
      process.stdout.write('ready');
      for (let n = 0; ; n += 1) {
        const upload = await exchange.beginUpload(process.pid + '-' + n + '.csv');
        for (let m = 0; m < 4; m += 1) await upload.write(Buffer.alloc(300_000, 'x'));
        await upload.commit();
      }
    `;
    for (const pause of [0, 7, 23]) {
      const child = startChild(folder, upload);
      await once(child.stdout, 'data');
      await delay(pause);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const exchange = await openIn(folder);
    for (const name of await exchange.list()) expect((await exchange.stat(name)).size).toBe(1_200_000);
    expect((await readdir(join(folder, 'files.partial'))).length).toBeLessThanOrEqual(3);
  });

  it('answers a disk that runs full with no_space and frees what it had written', async (context) => {
    const unshare = ['unshare', '--user', '--map-root-user', '--mount'];
    const mayMount = await promisify(execFile)('unshare', [
      ...unshare.slice(1),
      'mount',
      '-t',
      'tmpfs',
      'tmpfs',
      '/mnt',
    ]).then(
      () => true,
      () => false,
    );
    context.skip(!mayMount, 'this machine lets no test mount a small disk');
    const folder = await newFolder();
    const fill = `
      const { readdir, statfs } = await import('node:fs/promises');
      const before = (await statfs(${JSON.stringify(folder)})).bavail;
      async function* endless() { for (;;) yield Buffer.alloc(100_000, 'x'); }
      const code = await exchange.put('a.csv', endless()).then(() => 'stored', (error) => error.code);
      const after = (await statfs(${JSON.stringify(folder)})).bavail;
      const left = [...await readdir(${JSON.stringify(`${folder}/files`)}), ...await readdir(${JSON.stringify(`${folder}/files.partial`)})];
      process.stdout.write(JSON.stringify({ code, lost: before - after, left }));
    `;
    const mount = `mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"`;
    const child = startChild(folder, fill, [...unshare, 'sh', '-c', mount, folder]);
    const answer = (await Array.fromAsync(child.stdout)).join('');
    expect(JSON.parse(answer)).toEqual({ code: 'no_space', lost: 0, left: [] });
  });
});
