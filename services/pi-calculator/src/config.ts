import { parseEnvironment, variables } from '@pi-jobs/http-kit';
import { z } from 'zod';

const configSchema = z.object({
  HOST: variables.HOST,
  ALLOWED_HOSTS: variables.ALLOWED_HOSTS,
  PI_CALCULATOR_PORT: variables.PI_CALCULATOR_PORT,
  DATA_DIR: variables.DATA_DIR,
  MAX_CONCURRENT_JOBS: variables.MAX_CONCURRENT_JOBS,
  SHUTDOWN_TIMEOUT_SECONDS: variables.SHUTDOWN_TIMEOUT_SECONDS,
  STORE: variables.STORE,
  S3_BUCKET: variables.S3_BUCKET,
  SQS_QUEUE_URL: variables.SQS_QUEUE_URL,
  AUTH_TOKENS_FILE: variables.AUTH_TOKENS_FILE,
  ALLOW_ANONYMOUS: variables.ALLOW_ANONYMOUS,
  LOG_LEVEL: variables.LOG_LEVEL,
});

export type Config = z.output<typeof configSchema>;

/** Throws one `ConfigError` that names every bad variable. */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  return parseEnvironment(configSchema, env);
}
