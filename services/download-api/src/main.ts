import { createLogger, runService, serviceVersion, startServer } from '@pi-jobs/http-kit';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

await runService('download-api', async () => {
  const config = parseConfig(process.env);
  const logger = createLogger({ name: 'download-api', level: config.LOG_LEVEL });
  const { app, close } = await compose(config, logger, serviceVersion);
  await startServer({
    app,
    name: 'download-api',
    port: config.DOWNLOAD_API_PORT,
    portVariable: 'DOWNLOAD_API_PORT',
    host: config.HOST,
    allowedHosts: config.ALLOWED_HOSTS,
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    onClose: [close],
  });
});
