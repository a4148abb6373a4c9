import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import type { Measurement, Suite } from './suite.ts';

export interface SuiteResult {
  readonly suite: Suite;
  readonly measurements: readonly Measurement[];
}

export function formatResult({ suite, measurements }: SuiteResult): string {
  const rows = measurements.map(({ what, value, aim }) => `| ${what} | ${value} | ${aim ?? ''} |`);
  return [
    `## ${suite.title}`,
    '',
    suite.method,
    '',
    '| measured | value | aim |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The page that people read; it is written by nobody else. */
export async function writeReport(path: string, results: readonly SuiteResult[]): Promise<void> {
  const cores = cpus();
  const head = [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --write`; do not edit. How it measures, and the traps: [bench/README.md](../bench/README.md).',
    '',
    `Machine: ${cores.length} x ${cores[0]?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
    '',
  ].join('\n');
  await writeFile(path, `${head}\n${results.map(formatResult).join('\n\n')}\n`);
}
