import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from '../bootstrap/paths.mjs';
import { SupervisedService } from './supervised-service.mjs';

/** A terminal and npm each pass a signal on: nearer than this they are one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Starts the three services at once; only where a port is picked by the system does the Job API wait for the service whose address
 * it has to name. Ends with the exit code 0 when all of them stopped cleanly after a signal.
 */
export async function startServices() {
  const services = [];
  let firstSignalAt;
  let exitCode = 0;

  const stopAll = (signal) => {
    const now = Date.now();
    if (firstSignalAt !== undefined && now - firstSignalAt < SAME_SIGNAL_MS) return;
    const isSecond = firstSignalAt !== undefined;
    firstSignalAt ??= now;
    for (const service of services) service.signal(isSecond ? 'SIGKILL' : signal);
    if (isSecond) exitCode = 130;
  };
  const giveUp = (reason) => {
    process.stderr.write(`pi-jobs: ${reason}\n`);
    exitCode = 1;
    stopAll('SIGTERM');
    void exitWhenEnded();
  };
  const exitWhenEnded = async () => {
    const codes = await Promise.all(services.map((service) => service.ended));
    process.exit(exitCode !== 0 ? exitCode : codes.every((code) => code === 0) ? 0 : 1);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      stopAll(signal);
      void exitWhenEnded();
    });
  }

  const start = (name, environment = {}) => {
    if (firstSignalAt !== undefined) return Promise.reject(new Error('stopping'));
    const service = new SupervisedService(name, environment, giveUp);
    services.push(service);
    return service.start();
  };
  try {
    const calculator = start('pi-calculator');
    const download = start('download-api');
    const addresses = Promise.all([
      addressFor('PI_CALCULATOR', calculator),
      addressFor('DOWNLOAD_API', download),
    ]);
    const job = addresses.then((found) => start('job-api', Object.assign({}, ...found)));
    const [calculatorUrl, downloadUrl, jobUrl] = await Promise.all([calculator, download, job]);
    if (firstSignalAt !== undefined) return;
    process.stdout.write(
      `pi-jobs is ready\n  Job API        ${jobUrl}\n  Download API   ${downloadUrl}\n  Pi Calculator  ${calculatorUrl}\n`,
    );
  } catch (error) {
    if (firstSignalAt === undefined) giveUp((await checkEnvironment()) || error.message);
  }
}

/** The variable with the address of a service, for the Job API: empty where the service's port or its URL is set and says it. */
async function addressFor(service, url) {
  if (process.env[`${service}_URL`] || Number(process.env[`${service}_PORT`] || 1) !== 0) return {};
  return { [`${service}_URL`]: await url };
}

/** Each service names the variables that are bad for itself; this is one line for all of them, empty when none is bad. */
function checkEnvironment() {
  const program = fileURLToPath(new URL('./check-environment.mjs', import.meta.url));
  return new Promise((resolve) => {
    execFile(pinnedNode(), [program], (_error, stdout) => resolve(stdout.trim()));
  });
}
