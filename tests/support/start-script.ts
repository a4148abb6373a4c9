import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Both streams so far. */
  output(): string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Resolves with the URLs of the three services once it says that it is ready. */
  ready(): Promise<{ readonly jobApi: string; readonly downloadApi: string; readonly calculator: string }>;
}

/** Runs `npm start`'s script as the leader of a process group of its own. */
export function startScript(dataDir: string, env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [`${root}scripts/start.mjs`], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      JOB_API_PORT: '0',
      DOWNLOAD_API_PORT: '0',
      PI_CALCULATOR_PORT: '0',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
      ...env,
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  const pid = child.pid ?? 0;
  onTestFinished(async () => {
    for (const left of [pid, ...processesOf(dataDir)]) killIfThere(left);
    await ended;
  });
  return {
    child,
    pid,
    output: () => text,
    ended,
    async ready() {
      const address = (name: string) => new RegExp(`^ *${name} +(http://\\S+)$`, 'm').exec(text)?.[1];
      for (;;) {
        const jobApi = address('Job API');
        const downloadApi = address('Download API');
        const calculator = address('Pi Calculator');
        if (jobApi !== undefined && downloadApi !== undefined && calculator !== undefined) {
          return { jobApi, downloadApi, calculator };
        }
        if (child.exitCode !== null) throw new Error(`npm start ended: ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Ids of the service processes that work on a volume, `npm start` itself not among them. Linux only. */
export function processesOf(dataDir: string, service = ''): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return command.includes(`services/${service}`) && environment.includes(`DATA_DIR=${dataDir}`);
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
