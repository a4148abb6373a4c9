import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createProgramRunner, type ProgramRunner, type ProgramRunnerOptions } from '@pi-jobs/process-runner';
import { rgPath } from '@vscode/ripgrep';
import { createDictionary, type Dictionary, type DictionaryOptions } from '../create-dictionary.ts';
import type { DictionaryAnswer } from '../queries.ts';
import { readQuery } from '../read-query.ts';

export interface DictionaryFolder extends Disposable {
  readonly dir: string;
  readonly runner: ProgramRunner;
  readonly dictionary: Dictionary;
  /** Writes a file of these lines; a string is written as it is. */
  write(name: string, content: string | Buffer | readonly string[]): void;
  /** Asks as a client does: the body is read as a query first. */
  ask(body: unknown, signal?: AbortSignal): Promise<DictionaryAnswer>;
}

/** A dictionary over a folder of its own, with the real programs. */
export function openDictionaryFolder(
  options: Partial<DictionaryOptions> & { readonly running?: Partial<ProgramRunnerOptions> } = {},
): DictionaryFolder {
  const dir = mkdtempSync(join(tmpdir(), 'dictionary-'));
  const env = { PATH: `${dirname(rgPath)}:/usr/bin:/bin`, LC_ALL: 'C.UTF-8' };
  const runner = createProgramRunner({ maxRunning: 8, maxWaiting: 100, env, ...options.running });
  const dictionary = createDictionary({ dir, listRoots: [dir], runner, ...options });
  return {
    dir,
    runner,
    dictionary,
    write: (name, content) =>
      writeFileSync(
        join(dir, name),
        typeof content === 'string' || Buffer.isBuffer(content)
          ? content
          : content.map((line) => `${line}\n`).join(''),
      ),
    ask: async (body, signal) => dictionary.answer(readQuery(body), signal),
    [Symbol.dispose]() {
      runner.endAll();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
