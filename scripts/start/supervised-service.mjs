import { spawn } from 'node:child_process';
import { pinnedNode, root, serviceFile } from '../bootstrap/paths.mjs';

const RESTART_DELAY_MS = 500;
const CRASHES_ALLOWED = 5;
const CRASH_WINDOW_MS = 60_000;
/** What the compiler made of a thousand files stays for the next start, beside what the install left. */
const COMPILE_CACHE = `${root}/node_modules/.cache/pi-jobs/compiled`;

/**
 * One service as a child process. It says where it listens over the IPC channel; when the channel closes because this process was
 * killed, the service stops by itself. A service that crashes after it was up is started again, on the same port.
 */
export class SupervisedService {
  #crashes = [];
  #stopping = false;
  /** The signal that was passed on last. */
  #told;

  /** `onFailure(reason)` is called when the service cannot be kept up. */
  constructor(name, environment, onFailure) {
    this.name = name;
    this.environment = environment;
    this.onFailure = onFailure;
  }

  /** Resolves with the URL once the service listens. */
  start() {
    return new Promise((resolve, reject) => {
      this.child = spawn(pinnedNode(), [serviceFile(this.name, 'main.js')], {
        env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...this.environment },
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      });
      let url;
      // What it says before it listens is why it cannot start: part of that error.
      let complaint = '';
      this.child.stderr.setEncoding('utf8').on('data', (text) => {
        if (url === undefined) complaint += text;
        else process.stderr.write(text);
      });
      this.child.on('message', (message) => {
        if (message?.type !== 'listening') return;
        url = message.url;
        process.stderr.write(complaint);
        resolve(url);
      });
      this.child.once('error', reject);
      this.ended = new Promise((ended) => {
        this.child.once('close', (code, signal) => {
          // What was told to stop before it had loaded what takes a signal was ended by it: nothing was begun.
          ended(code ?? (url === undefined && signal === this.#told ? 0 : signal));
          if (url === undefined) reject(new Error(complaint.trim() || `${this.name} did not start`));
          else if (!this.#stopping) this.#restart(code ?? signal, new URL(url).port);
        });
      });
    });
  }

  /** Passes the signal on; `ended` then tells the exit code. */
  signal(signal) {
    this.#stopping = true;
    this.#told = signal;
    this.child?.kill(signal);
  }

  #restart(reason, port) {
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    if (this.#crashes.length > CRASHES_ALLOWED) {
      this.onFailure(`${this.name} ended ${this.#crashes.length} times within a minute, last with ${reason}`);
      return;
    }
    process.stderr.write(`pi-jobs: ${this.name} ended with ${reason}; starting it again\n`);
    const portVariable = `${this.name.toUpperCase().replaceAll('-', '_')}_PORT`;
    this.environment = { ...this.environment, [portVariable]: port };
    setTimeout(() => {
      if (this.#stopping) return;
      this.start().catch((error) => this.onFailure(error.message));
    }, RESTART_DELAY_MS);
  }
}
