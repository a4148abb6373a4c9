import { createLogger, runService, serviceVersion, startServer } from '@pi-jobs/http-kit';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

await runService('job-api', async () => {
  const config = parseConfig(process.env);
  const logger = createLogger({ name: 'job-api', level: config.LOG_LEVEL });
  const { app, close } = await compose(config, logger, serviceVersion);
  await startServer({
    app,
    name: 'job-api',
    port: config.JOB_API_PORT,
    portVariable: 'JOB_API_PORT',
    host: config.HOST,
    allowedHosts: config.ALLOWED_HOSTS,
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    onClose: [close],
  });
});
