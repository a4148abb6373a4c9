import { commonVariables, parseEnvironment, variables } from '@pi-jobs/http-kit';
import { z } from 'zod';

const configSchema = z.object({
  ...commonVariables,
  DOWNLOAD_API_PORT: variables.DOWNLOAD_API_PORT,
  MAX_UPLOAD_BYTES: variables.MAX_UPLOAD_BYTES,
  UPLOAD_EXTENSIONS: variables.UPLOAD_EXTENSIONS,
});

export type Config = z.output<typeof configSchema>;

/** Throws one `ConfigError` that names every bad variable. */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  return parseEnvironment(configSchema, env);
}
