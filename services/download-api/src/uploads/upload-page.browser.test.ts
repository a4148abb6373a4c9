import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const isThere = existsSync(EXECUTABLE);

it.runIf(!isThere)('has a Chromium to show the page in', ({ skip }) => {
  expect(process.env['CI'], `${EXECUTABLE} must be installed where CI runs`).toBeUndefined();
  skip(`there is no ${EXECUTABLE} here: install Debian's chromium or set CHROMIUM_PATH`);
});

/** On a busy machine a page takes its time. */
const TIMEOUT_MS = 120_000;

describe.runIf(isThere)('the upload page in Chromium', { timeout: TIMEOUT_MS }, () => {
  let browser: Browser;
  let api: TestApi;
  let folder: string;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: EXECUTABLE,
      // Without a UTF-8 locale Chromium cannot open a file whose name is not ASCII.
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    folder = await mkdtemp(join(tmpdir(), 'upload-page-'));
  }, TIMEOUT_MS);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    api = await startDownloadApi({ maxBytes: 1_000_000 });
    page = await browser.newPage();
    watch(page);
  });

  afterEach(async () => {
    await page.close();
    await api[Symbol.asyncDispose]();
    expect(complaints).toEqual([]);
  });

  /** Everything a page can have to complain about: errors, warnings, and its policy being broken. */
  function watch(watched: Page): void {
    complaints = [];
    watched.on('pageerror', (error) => complaints.push(error.message));
    watched.on('dialog', (dialog) => {
      complaints.push(`a script ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    watched.on('console', (message) => {
      // The browser itself notes each answer of 400 and above; here they are expected.
      const isExpected = /the server responded with a status of (?:400|409|413|415)/.test(message.text());
      if (!isExpected && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
  }

  async function choose(name: string, content: string | Buffer): Promise<void> {
    const path = join(folder, name);
    await writeFile(path, content);
    await page.setInputFiles('input[type=file]', path);
  }

  async function names(): Promise<string[]> {
    return await page.locator('tbody a').allTextContents();
  }

  it('lists no files, then the one that was uploaded, and hands it out', async () => {
    await page.goto(api.url);
    expect(new URL(page.url()).pathname).toBe('/upload');
    expect(await page.textContent('h2')).toBe('0 files');
    await choose('für dich & mich.txt', 'hello');
    await Promise.all([page.waitForNavigation(), page.click('button')]);
    expect(await names()).toEqual(['für dich & mich.txt']);
    await page.click('tbody a');
    expect(await page.textContent('pre')).toBe('hello');
  });

  it('names what is wrong and stays usable: refused types, taken names, wrong content, too much', async () => {
    await page.goto(`${api.url}/upload`);
    await choose('a.txt', 'first');
    await Promise.all([page.waitForNavigation(), page.click('button')]);
    const cases = [
      ['a.exe', 'MZ', /\.exe are not allowed/],
      ['a.txt', 'second', /already a file named a\.txt/],
      ['b.png', 'no picture', /content of the file/],
      ['c.csv', Buffer.alloc(1_000_001, 'x'), /larger than 1000000 bytes/],
    ] as const;
    for (const [name, content, reason] of cases) {
      await choose(name, content);
      await page.click('button');
      await page.getByText(reason).waitFor();
    }
    await choose('d.csv', 'x');
    await Promise.all([page.waitForNavigation(), page.click('button')]);
    expect(await names()).toEqual(['a.txt', 'd.csv']);
  });

  it('shows how far a large upload is', async () => {
    await page.goto(`${api.url}/upload`);
    await choose('large.csv', Buffer.alloc(900_000, 'x'));
    await page.evaluate(`
      const bar = document.querySelector('progress');
      new MutationObserver(() => sessionStorage.setItem('seen', bar.value)).observe(bar, { attributes: true });
    `);
    await Promise.all([page.waitForNavigation(), page.click('button')]);
    expect(Number(await page.evaluate(`sessionStorage.getItem('seen')`))).toBeGreaterThan(0);
  });

  it('shows hostile names as text', async () => {
    const hostile = [
      `'-alert(1)-'.txt`,
      '&lt;script&gt;alert(1)&lt;.txt',
      '$' + '{alert(1)}`.txt',
      'javascript&colon;alert(1).txt',
      '%3Cimg src=x onerror=alert(1)%3E.txt',
      'שלום.txt',
      '-->.txt'.replace('>', ''),
    ];
    for (const name of hostile) {
      const stored = await fetch(`${api.url}/upload/${encodeURIComponent(name)}`, {
        method: 'POST',
        body: name,
      });
      expect([name, stored.status]).toEqual([name, 201]);
    }
    await page.goto(`${api.url}/upload`);
    expect((await names()).sort()).toEqual([...hostile].sort());
    for (const name of hostile) {
      const [link] = (await page.locator('tbody a').all()).slice((await names()).indexOf(name));
      const href = await link?.getAttribute('href');
      expect(await (await fetch(api.url + href)).text()).toBe(name);
    }
  });

  it('works the same without scripts, with an error page that leads back', async () => {
    await page.close();
    const context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    watch(page);
    await page.goto(`${api.url}/upload`);
    await choose('plain.txt', 'x');
    await page.click('button');
    await page.getByText('Uploaded:').waitFor();
    await page.click('text=Back to the files');
    expect(await names()).toEqual(['plain.txt']);
    for (const [name, reason] of [
      ['plain.txt', 'already a file'],
      ['plain.exe', 'not allowed'],
    ] as const) {
      await choose(name, 'x');
      await page.click('button');
      expect(await page.textContent('[role=alert]')).toContain(reason);
      await page.click('text=Back to the files');
      expect(new URL(page.url()).pathname).toBe('/upload');
    }
    await context.close();
  });

  it('refuses a form of another site', async () => {
    const other = await startDownloadApi();
    await page.route(`${other.url}/`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<link rel="icon" href="data:,"><form method="post" action="${api.url}/upload" enctype="multipart/form-data"><input type="file" name="file"><button>Go</button></form>`,
      }),
    );
    await page.goto(`${other.url}/`);
    await choose('forged.txt', 'x');
    const [answer] = await Promise.all([page.waitForResponse(`${api.url}/upload`), page.click('button')]);
    expect(answer.status()).toBe(403);
    expect(await (await fetch(`${api.url}/download`)).json()).toEqual([]);
    complaints = complaints.filter((complaint) => !complaint.includes('403'));
    await other[Symbol.asyncDispose]();
  });

  it('goes on over several pages when there are many files', async () => {
    for (let n = 0; n < 505; n += 1) {
      const name = `${String(n).padStart(3, '0')}.txt`;
      await writeFile(join(api.dataFolder, 'files', name), 'x');
    }
    await page.goto(`${api.url}/upload`);
    expect(await page.textContent('h2')).toBe('505 files');
    expect(await names()).toHaveLength(500);
    await page.click('text=More files');
    expect(await names()).toEqual(['500.txt', '501.txt', '502.txt', '503.txt', '504.txt']);
  });

  it('carries a policy that lets no other script run', async () => {
    await page.goto(`${api.url}/upload`);
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.body.append(script);
    `);
    expect(await page.title()).toBe('Files');
    expect(complaints).toEqual([expect.stringContaining('Content Security Policy')]);
    complaints = [];
  });
});
