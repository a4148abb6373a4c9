import { createLogger, runService, serviceVersion, startServer } from '@pi-jobs/http-kit';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

await runService('pi-calculator', async () => {
  const config = parseConfig(process.env);
  const logger = createLogger({ name: 'pi-calculator', level: config.LOG_LEVEL });
  const { app, start, stop, close } = await compose(config, logger, serviceVersion);
  await startServer({
    app,
    name: 'pi-calculator',
    port: config.PI_CALCULATOR_PORT,
    portVariable: 'PI_CALCULATOR_PORT',
    host: config.HOST,
    allowedHosts: config.ALLOWED_HOSTS,
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    onDrain: [stop],
    onClose: [close],
  });
  start();
});
