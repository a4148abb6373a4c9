import { commonVariables, parseEnvironment, variables } from '@pi-jobs/http-kit';
import { z } from 'zod';

const configSchema = z.object({
  ...commonVariables,
  JOB_API_PORT: variables.JOB_API_PORT,
  DOWNLOAD_API_URL: variables.DOWNLOAD_API_URL,
  PI_CALCULATOR_URL: variables.PI_CALCULATOR_URL,
  MAX_DIGITS: variables.MAX_DIGITS,
  MAX_CONCURRENT_JOBS: variables.MAX_CONCURRENT_JOBS,
  WORKER_ID_TTL_SECONDS: variables.WORKER_ID_TTL_SECONDS,
  MAX_UPLOAD_BYTES: variables.MAX_UPLOAD_BYTES,
  UPLOAD_EXTENSIONS: variables.UPLOAD_EXTENSIONS,
  DICTIONARY_DIR: variables.DICTIONARY_DIR,
  LIST_ROOTS: variables.LIST_ROOTS,
});

export type Config = z.output<typeof configSchema>;

/** Throws one `ConfigError` that names every bad variable. */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  return parseEnvironment(configSchema, env);
}
