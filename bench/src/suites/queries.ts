import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { startService } from '../support/child-service.ts';
import { interleave, median } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** More than there are cores on the machines that this is run on: what is compared is work, not who waits how long for his turn. */
const AT_ONCE = 4;

/** Dictionary searches through grep, against grep itself, and beside blocking calls. */
export const queries: Suite = {
  name: 'queries',
  title: 'Dictionary queries',
  method:
    'Searches for a rare term in a dictionary of 100 MB by four clients at a time, more than there are cores, against four shell loops that run grep; and searches in a small dictionary while 100 `GET /wait` calls block, against the same without them.',
  async run({ short }) {
    const megabytes = short ? 4 : 100;
    const searches = short ? 4 : 40;
    const rounds = short ? 1 : 5;
    return await withTemporaryFolder(async (folder) => {
      await mkdir(`${folder}/dictionaries`);
      const path = `${folder}/dictionaries/large.txt`;
      await writeDictionary(path, megabytes);
      await using large = await startService('job-api', `${folder}/a`, {
        DICTIONARY_DIR: `${folder}/dictionaries`,
      });
      const ours = () => timeSearches(large.url, searches, AT_ONCE);
      const theirs = () => timeShell(path, searches / AT_ONCE);
      const speed = await interleave(rounds, ours, theirs);
      const first = await timeSearches(large.url, 1, 1, 1);
      await using small = await startService('job-api', `${folder}/b`);
      const many = short ? 50 : 1000;
      const quiet: number[] = [];
      const blocked: number[] = [];
      for (let round = 0; round < (short ? 1 : 3); round += 1) {
        quiet.push(await timeSearches(small.url, many, 4));
        const waits = Array.from({ length: 100 }, () =>
          fetch(`${small.url}/wait`).then((response) => response.text()),
        );
        blocked.push(await timeSearches(small.url, many, 4));
        await Promise.all(waits);
      }
      const ratio = median(blocked.map((seconds, i) => seconds / (quiet[i] ?? Number.NaN)));
      return [
        {
          what: `searches per second over ${megabytes} MB, against grep from a shell loop`,
          value: (1 / speed.ratio).toFixed(2),
          aim: 'at least 1',
        },
        { what: 'first result of a search', value: `${(first * 1000).toFixed(0)} ms` },
        {
          what: `${many} searches beside 100 waits, time against without`,
          value: ratio.toFixed(2),
          aim: 'at most 1.2',
        },
      ];
    });
  },
};

async function timeSearches(url: string, count: number, atOnce: number, nresults = 0): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const search = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${url}/api/v1/json`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ action: 'search', term: 'patience', nresults }),
      });
      if (!response.ok) throw new Error(`search answered ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, search));
  return (performance.now() - startedAt) / 1000;
}

/** Through a pipe: grep that writes to /dev/null itself stops at the first match. */
async function timeShell(path: string, count: number): Promise<number> {
  const loop = `i=0; while [ $i -lt ${count} ]; do grep -F -e patience -- ${path} | cat > /dev/null; i=$((i+1)); done`;
  const startedAt = performance.now();
  const loops = Array.from({ length: AT_ONCE }, () => spawn('sh', ['-c', loop], { stdio: 'inherit' }));
  await Promise.all(loops.map((shell) => once(shell, 'exit')));
  return (performance.now() - startedAt) / 1000;
}

async function writeDictionary(path: string, megabytes: number): Promise<void> {
  const file = await open(path, 'w');
  let line = 0;
  for (let i = 0; i < megabytes; i += 1) {
    const lines: string[] = [];
    for (let bytes = 0; bytes < 2 ** 20; line += 1) {
      const text =
        line % 50_000 === 49_999
          ? `${line}: patience is rare here.`
          : `${line}: a line of a large dictionary, one of many.`;
      lines.push(text);
      bytes += text.length + 1;
    }
    await file.write(`${lines.join('\n')}\n`);
  }
  await file.close();
}
