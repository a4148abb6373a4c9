import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export type ServiceName = 'job-api' | 'pi-calculator' | 'download-api';

export interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it as this user and group, where the test itself runs as root. */
  readonly uid?: number;
}

const root = new URL('../../', import.meta.url).pathname;

/** The ports are free ones and the log is quiet unless a test says otherwise; nothing of the surroundings decides a test. */
const baseEnvironment = {
  JOB_API_PORT: '0',
  PI_CALCULATOR_PORT: '0',
  DOWNLOAD_API_PORT: '0',
  LOG_LEVEL: 'warn',
  SHUTDOWN_TIMEOUT_SECONDS: '10',
  // As `npm start` gives it: some hundred starts in a run, each of the same thousand files.
  NODE_COMPILE_CACHE: `${root}node_modules/.cache/pi-jobs/compiled`,
};

/** One built service in a process of its own. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  #output = '';
  #url = '';

  private constructor(name: ServiceName, dataDir: string, { env = {}, uid }: ServiceOptions) {
    this.name = name;
    this.child = spawn(process.execPath, [`${root}services/${name}/dist/main.js`], {
      env: { PATH: process.env['PATH'], ...baseEnvironment, DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  /** Starts it and waits until it listens. Throws with what it printed when it ends instead. */
  static async start(
    name: ServiceName,
    dataDir: string,
    options: ServiceOptions = {},
  ): Promise<ServiceProcess> {
    const service = ServiceProcess.launch(name, dataDir, options);
    await service.whenListening();
    return service;
  }

  /** Starts it without waiting for anything. */
  static launch(name: ServiceName, dataDir: string, options: ServiceOptions = {}): ServiceProcess {
    return new ServiceProcess(name, dataDir, options);
  }

  async whenListening(): Promise<void> {
    const message = await Promise.race([
      once(this.child, 'message').then(([said]) => said as { readonly url: string }),
      this.ended,
    ]);
    if (message === null || typeof message !== 'object') {
      throw new Error(`${this.name} ended with ${message} before it listened:\n${this.#output}`);
    }
    this.#url = message.url;
  }

  get url(): string {
    return this.#url;
  }

  /** Standard output and standard error so far. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    if (this.isRunning) this.child.kill('SIGTERM');
    return Promise.race([this.ended, sleep(20_000, null, { ref: false })]);
  }
}
