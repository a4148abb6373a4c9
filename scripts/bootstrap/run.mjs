import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

/** Runs a program in the checkout; its standard output goes to our standard error. Throws when it fails. */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    ...options,
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} cannot be started: ${cause.message}`)));
    child.once('exit', (...ended) => resolve(ended));
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`);
}

/** Becomes the program, as far as Node.js can: same streams, signals passed on, same end. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (cause) => fail(new Error(`${command} cannot be started: ${cause.message}`)));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === 'SIGINT' ? 2 : 15)));
}

/** One line and exit code 1. */
export function fail(error) {
  process.stderr.write(`pi-jobs: ${error.message}\n`);
  process.exit(1);
}
