import type { z } from 'zod';
import { describeIssue } from '../requests/describe-issue.ts';
import { ConfigError, type ConfigIssue } from './config-error.ts';
import { type ConfigRule, type SetVariables, standardRules } from './rules.ts';

/** Variables whose value no message may show. */
const secretName = /SECRET|TOKEN|PASSWORD|KEY/;

/** The URL of a service follows its port unless it is set. */
const urlDefaults = [
  { url: 'DOWNLOAD_API_URL', port: 'DOWNLOAD_API_PORT', defaultPort: '8000' },
  { url: 'PI_CALCULATOR_URL', port: 'PI_CALCULATOR_PORT', defaultPort: '3141' },
];

/**
 * The service's configuration out of its environment. An empty variable counts as unset. Throws one `ConfigError` that names
 * every variable that is missing or bad, those that only a rule between variables refuses included.
 */
export function parseEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
  rules: readonly ConfigRule[] = standardRules,
): z.output<Schema> {
  const set = withoutEmpty(env);
  const issues: ConfigIssue[] = [];
  const result = schema.safeParse(withUrlDefaults(set), { error: describeIssue });
  if (!result.success) {
    for (const issue of result.error.issues) addIssue(issues, toConfigIssue(issue, set));
  }
  for (const rule of rules) {
    if (rule.variable in schema.shape) for (const issue of rule.check(set)) addIssue(issues, issue);
  }
  if (!result.success || issues.length > 0) throw new ConfigError(issues);
  return result.data;
}

function withoutEmpty(env: NodeJS.ProcessEnv): SetVariables {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}

function withUrlDefaults(set: SetVariables): SetVariables {
  const defaults = urlDefaults.map(({ url, port, defaultPort }) => [
    url,
    `http://localhost:${set[port] ?? defaultPort}`,
  ]);
  return { ...Object.fromEntries(defaults), ...set };
}

function toConfigIssue(issue: z.core.$ZodIssue, set: SetVariables): ConfigIssue {
  const name = String(issue.path[0] ?? 'the environment');
  const derived = urlDefaults.find(
    ({ url, port }) => url === name && set[url] === undefined && set[port] !== undefined,
  );
  if (derived !== undefined) {
    return {
      name: derived.port,
      message: `must be an integer from 0 to 65535, not ${JSON.stringify(set[derived.port])}`,
    };
  }
  const value = set[name];
  if (value === undefined) return { name, message: `${issue.message}; it is not set` };
  return {
    name,
    message: secretName.test(name) ? issue.message : `${issue.message}, not ${JSON.stringify(value)}`,
  };
}

/** The first complaint about a variable is enough. */
function addIssue(issues: ConfigIssue[], issue: ConfigIssue): void {
  if (!issues.some(({ name }) => name === issue.name)) issues.push(issue);
}
