import { SupervisedService } from './supervised-service.mjs';

/** A terminal and npm each pass a signal on: nearer than this they are one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Starts the calculator and the Download API, then the Job API, which names their addresses in its answers. Ends with the exit code
 * 0 when all of them stopped cleanly after a signal.
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
    const service = new SupervisedService(name, environment, giveUp);
    services.push(service);
    return service.start();
  };
  try {
    const [calculatorUrl, downloadUrl] = await Promise.all([start('pi-calculator'), start('download-api')]);
    const jobUrl = await start('job-api', {
      PI_CALCULATOR_URL: process.env.PI_CALCULATOR_URL || calculatorUrl,
      DOWNLOAD_API_URL: process.env.DOWNLOAD_API_URL || downloadUrl,
    });
    if (firstSignalAt !== undefined) return;
    process.stdout.write(
      `pi-jobs is ready\n  Job API        ${jobUrl}\n  Download API   ${downloadUrl}\n  Pi Calculator  ${calculatorUrl}\n`,
    );
  } catch (error) {
    if (firstSignalAt === undefined) giveUp(error.message);
  }
}
