import { commonVariables, parseEnvironment, variables } from '@pi-jobs/http-kit';
import { z } from 'zod';

const configSchema = z.object({
  ...commonVariables,
  PI_CALCULATOR_PORT: variables.PI_CALCULATOR_PORT,
  MAX_CONCURRENT_JOBS: variables.MAX_CONCURRENT_JOBS,
});

export type Config = z.output<typeof configSchema>;

/** Throws one `ConfigError` that names every bad variable. */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  return parseEnvironment(configSchema, env);
}
