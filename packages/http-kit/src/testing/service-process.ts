import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Where the line that names it says that it listens. */
  readonly url: string;
  readonly port: number;
  /** Standard output so far. */
  output(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Runs a service's entry file in a process of its own and waits for the line that names where it listens. */
export async function startProcess(file: URL, env: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> {
  const { child, output, ended } = runFile(file, env);
  const pattern = /listening on (http:\/\/[^"\s]+)/;
  while (!pattern.test(output())) {
    const isOver = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)]);
    if (isOver && !pattern.test(output()))
      throw new Error(`the service ended before it listened: ${output()}`);
  }
  const url = pattern.exec(output())?.[1] ?? '';
  return { child, url, port: Number(new URL(url).port), output, ended };
}

/** Runs a file that is expected to end by itself. */
export async function runToEnd(file: URL, env: NodeJS.ProcessEnv = {}) {
  const { errors, output, ended } = runFile(file, env);
  const code = await ended;
  return { code, errors: errors(), output: output() };
}

/** Runs a file without waiting for anything. */
export function runFile(file: URL, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--conditions=@pi-jobs/source', file.pathname], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  return { child, output: () => text, errors: () => errors, ended };
}
