import { BlockList, isIP, isIPv6 } from 'node:net';
import type { ConfigIssue } from './config-error.ts';

/** The environment without its empty variables. */
export type SetVariables = Readonly<Record<string, string>>;

/** What has to hold between variables; looks at the text as it was set, so that it speaks even when another variable is bad. */
export interface ConfigRule {
  /** The rule counts for services that read this variable. */
  readonly variable: string;
  check(set: SetVariables): ConfigIssue[];
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

/** The services ask nobody who they are, so they stay on this machine unless somebody says that this is meant. */
const openServiceRule: ConfigRule = {
  variable: 'HOST',
  check: ({ HOST = '127.0.0.1', ALLOW_ANONYMOUS, AUTH_TOKENS_FILE }) =>
    isLoopback(HOST) || ALLOW_ANONYMOUS === 'true' || AUTH_TOKENS_FILE !== undefined
      ? []
      : [
          {
            name: 'HOST',
            message: `is ${JSON.stringify(HOST)}, which others can reach, and the service is open to everybody: set ALLOW_ANONYMOUS=true if that is meant, or HOST to 127.0.0.1`,
          },
        ],
};

/** A file of tokens that nobody reads would leave the service silently open. */
const tokensRule: ConfigRule = {
  variable: 'HOST',
  check: ({ AUTH_TOKENS_FILE }) =>
    AUTH_TOKENS_FILE === undefined
      ? []
      : [{ name: 'AUTH_TOKENS_FILE', message: 'must be unset: this version does not support tokens' }],
};

const storeRule: ConfigRule = {
  variable: 'STORE',
  check: (set) =>
    set['STORE'] !== 'aws'
      ? []
      : ['SQS_QUEUE_URL', 'S3_BUCKET']
          .filter((name) => set[name] === undefined)
          .map((name) => ({ name, message: 'must be set when STORE is aws' })),
};

export const standardRules: readonly ConfigRule[] = [openServiceRule, tokensRule, storeRule];
