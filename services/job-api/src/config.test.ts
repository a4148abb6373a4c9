import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';

const bad = {
  HOST: 'not a host',
  JOB_API_PORT: '-1',
  MAX_DIGITS: '1e9',
  MAX_CONCURRENT_JOBS: '1.5',
  WORKER_ID_TTL_SECONDS: '0',
  SHUTDOWN_TIMEOUT_SECONDS: '+5',
  STORE: 's3',
  DOWNLOAD_API_URL: 'localhost:8000',
  PI_CALCULATOR_URL: 'ftp://localhost',
  ALLOW_ANONYMOUS: 'yes',
  LOG_LEVEL: 'verbose',
};

it.each(Object.entries(bad))('%s=%s stops the start with a message that names it', (name, value) => {
  expect(() => parseConfig({ [name]: value })).toThrow(new RegExp(`\\b${name} `));
});

it('one message names every bad variable', () => {
  for (const name of Object.keys(bad)) expect(() => parseConfig(bad)).toThrow(new RegExp(`\\b${name} `));
});

it('what is empty counts as unset', () => {
  const empty = Object.fromEntries(Object.keys(bad).map((name) => [name, '']));
  expect(parseConfig(empty)).toEqual(parseConfig({}));
});

it.each(['0.0.0.0', '::', '192.168.1.1', 'example.org'])(
  'an open service does not bind %s unless ALLOW_ANONYMOUS says that this is meant',
  (HOST) => {
    expect(() => parseConfig({ HOST })).toThrow(/HOST is .*ALLOW_ANONYMOUS=true/);
    expect(() => parseConfig({ HOST, ALLOW_ANONYMOUS: 'false' })).toThrow(/HOST is/);
    expect(parseConfig({ HOST, ALLOW_ANONYMOUS: 'true' })).toMatchObject({ HOST });
  },
);

it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('an open service binds %s', (HOST) => {
  expect(parseConfig({ HOST })).toMatchObject({ HOST });
});
