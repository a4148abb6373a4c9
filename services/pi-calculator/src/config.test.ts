import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';

it('one message names every bad variable of the calculator', () => {
  const env = {
    PI_CALCULATOR_PORT: '70000',
    MAX_CONCURRENT_JOBS: '0',
    SHUTDOWN_TIMEOUT_SECONDS: 'soon',
    STORE: 'tape',
    ALLOW_ANONYMOUS: 'perhaps',
    LOG_LEVEL: 'loud',
    HOST: '0.0.0.0',
  };
  for (const name of Object.keys(env)) expect(() => parseConfig(env)).toThrow(new RegExp(`\\b${name} `));
});

it('what is empty counts as unset', () => {
  const empty = {
    PI_CALCULATOR_PORT: '',
    MAX_CONCURRENT_JOBS: '',
    HOST: '',
    STORE: '',
    LOG_LEVEL: '',
    DATA_DIR: '',
  };
  expect(parseConfig(empty)).toEqual(parseConfig({}));
  expect(parseConfig(empty)).toMatchObject({ PI_CALCULATOR_PORT: 3141, HOST: '127.0.0.1' });
});
