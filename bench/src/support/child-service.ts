import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The unit of times in /proc, the same on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** A server in a process of its own, which tells its URL over the IPC channel when it listens. */
export class ChildService implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** `entry` is a path from the root of the checkout. */
  static async start(entry: string, env: Readonly<Record<string, string>> = {}): Promise<ChildService> {
    const child = spawn(process.execPath, ['--conditions=@pi-jobs/source', `${ROOT}${entry}`], {
      env: { ...process.env, LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`${entry} ended before it listened`);
      }),
    ])) as [{ readonly url: string }];
    return new ChildService(child, message.url);
  }

  /** Resident memory in bytes; Linux only. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Processor seconds that the process has used, all its threads together; Linux only. */
  async processorSeconds(): Promise<number> {
    const stat = await readFile(`/proc/${this.#child.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

/** A service of this project, built, on `dataDir`. */
export function startService(
  name: 'job-api' | 'download-api' | 'pi-calculator',
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildService> {
  return ChildService.start(`services/${name}/dist/main.js`, {
    DATA_DIR: dataDir,
    [`${name.toUpperCase().replaceAll('-', '_')}_PORT`]: '0',
    PI_CALCULATOR_URL: 'http://127.0.0.1:9',
    ...env,
  });
}
