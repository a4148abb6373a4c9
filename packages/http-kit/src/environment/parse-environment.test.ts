import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { parseEnvironment } from './parse-environment.ts';
import { variables } from './variables.ts';

const everything = z.object(variables);

function issuesOf(env: NodeJS.ProcessEnv): Record<string, string> {
  try {
    parseEnvironment(everything, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.issues.map(({ name, message }) => [name, message]));
  }
  return {};
}

describe('an environment in which nothing is set', () => {
  it('gives every documented default', () => {
    expect(parseEnvironment(everything, {})).toEqual({
      HOST: '127.0.0.1',
      JOB_API_PORT: 5000,
      DOWNLOAD_API_PORT: 8000,
      PI_CALCULATOR_PORT: 3141,
      DATA_DIR: resolve('data'),
      MAX_DIGITS: 1_000_000_000,
      MAX_CONCURRENT_JOBS: availableParallelism(),
      WORKER_ID_TTL_SECONDS: 300,
      MAX_UPLOAD_BYTES: 1_073_741_824,
      SHUTDOWN_TIMEOUT_SECONDS: 30,
      STORE: 'file',
      ALLOW_ANONYMOUS: false,
      UPLOAD_EXTENSIONS: [
        'txt',
        'rtf',
        'doc',
        'docx',
        'xls',
        'xlsx',
        'pdf',
        'png',
        'jpg',
        'jpeg',
        'gif',
        'csv',
      ],
      DOWNLOAD_API_URL: 'http://localhost:8000',
      PI_CALCULATOR_URL: 'http://localhost:3141',
      LOG_LEVEL: 'info',
    });
  });

  it('is the same as one in which everything is empty', () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
    expect(parseEnvironment(everything, empty)).toEqual(parseEnvironment(everything, {}));
  });
});

describe('good values', () => {
  it('are parsed', () => {
    const config = parseEnvironment(everything, {
      HOST: '::1',
      JOB_API_PORT: '0',
      DATA_DIR: '/var/lib/pi',
      LIST_ROOTS: ' /, . ,',
      UPLOAD_EXTENSIONS: 'TXT,.pdf',
      ALLOW_ANONYMOUS: 'true',
      STORE: 'aws',
      SQS_QUEUE_URL: 'http://localhost:9324/queue/jobs',
      S3_BUCKET: 'pi-jobs',
      DOWNLOAD_API_URL: 'https://files.example.org/',
      UNKNOWN: 'is none of its business',
    });
    expect(config).toMatchObject({
      HOST: '::1',
      JOB_API_PORT: 0,
      DATA_DIR: '/var/lib/pi',
      LIST_ROOTS: ['/', resolve('.')],
      UPLOAD_EXTENSIONS: ['txt', 'pdf'],
      ALLOW_ANONYMOUS: true,
      STORE: 'aws',
      DOWNLOAD_API_URL: 'https://files.example.org',
    });
    expect(config).not.toHaveProperty('UNKNOWN');
  });

  it('of a port move the URL of that service, unless the URL is set', () => {
    const env = {
      DOWNLOAD_API_PORT: '8001',
      PI_CALCULATOR_PORT: '3142',
      PI_CALCULATOR_URL: 'http://calculator:3141',
    };
    expect(parseEnvironment(everything, env)).toMatchObject({
      DOWNLOAD_API_URL: 'http://localhost:8001',
      PI_CALCULATOR_URL: 'http://calculator:3141',
    });
  });
});

describe('bad values', () => {
  const bad: Record<string, readonly string[]> = {
    JOB_API_PORT: ['-1', '65536', '1e3', ' 5', '5 ', '0x10', '05', '+5', '5.0', 'abc', '５', '1_000'],
    MAX_DIGITS: ['0', '-5', '1e9', '9007199254740993'],
    MAX_CONCURRENT_JOBS: ['0', 'many'],
    WORKER_ID_TTL_SECONDS: ['0', '86401'],
    MAX_UPLOAD_BYTES: ['0', '1GB'],
    SHUTDOWN_TIMEOUT_SECONDS: ['0', '3601'],
    STORE: ['s3', 'FILE'],
    ALLOW_ANONYMOUS: ['yes', 'TRUE', '1'],
    LOG_LEVEL: ['loud', 'INFO'],
    HOST: ['a b', 'http://x', '127.0.0.1:5000', '256.0.0.1', '127.1', '-x'],
    UPLOAD_EXTENSIONS: ['t/xt', ',', 'a b'],
    DATA_DIR: ['/dev/null', '/dev/null/jobs/here'],
    DICTIONARY_DIR: ['/no/such/folder', '/dev/null'],
    LIST_ROOTS: [',', '/,/no/such/folder'],
    DOWNLOAD_API_URL: ['localhost:8000', 'ftp://x', 'http://user@host', 'http://host/path', 'http://host?x'],
    S3_BUCKET: ['A', 'x'],
    SQS_QUEUE_URL: ['queue'],
  };
  for (const [name, values] of Object.entries(bad)) {
    it(`of ${name} are refused with what it must be and the value`, () => {
      for (const value of values) {
        const issues = issuesOf({ [name]: value });
        expect(Object.keys(issues), `${name}=${value}`).toEqual([name]);
        expect(issues[name]).toMatch(/^must /);
        expect(issues[name]).toContain(JSON.stringify(value));
      }
    });
  }

  it('are all named in one line', () => {
    const parse = () => parseEnvironment(everything, { JOB_API_PORT: 'x', STORE: 'aws', HOST: '0.0.0.0' });
    expect(parse).toThrow(
      'the environment is not usable: JOB_API_PORT must be an integer from 0 to 65535, not "x"; ' +
        'HOST is "0.0.0.0", which others can reach, and the service is open to everybody: set ALLOW_ANONYMOUS=true if that is meant, or HOST to 127.0.0.1; ' +
        'SQS_QUEUE_URL must be set when STORE is aws; S3_BUCKET must be set when STORE is aws',
    );
  });

  it('of a variable that has no default are named as not set', () => {
    const schema = z.object({ NAME: z.string() });
    expect(() => parseEnvironment(schema, { NAME: '' })).toThrow('NAME must be a string; it is not set');
  });

  it('of a secret are not repeated', () => {
    const schema = z.object({ API_TOKEN: z.string().min(20) });
    expect(() => parseEnvironment(schema, { API_TOKEN: 'hunter2' })).toThrow(/^((?!hunter2).)*$/);
  });

  it("of another service's port are blamed on the port, not on the URL made from it", () => {
    const schema = z.object({ DOWNLOAD_API_URL: variables.DOWNLOAD_API_URL });
    expect(() => parseEnvironment(schema, { DOWNLOAD_API_PORT: 'x' })).toThrow(
      'DOWNLOAD_API_PORT must be an integer from 0 to 65535, not "x"',
    );
  });
});

describe('an open service', () => {
  it('stays on loopback', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', 'LOCALHOST']) {
      expect(issuesOf({ HOST: host }), host).toEqual({});
    }
    for (const host of [
      '0.0.0.0',
      '::',
      '192.168.1.1',
      'example.org',
      '128.0.0.1',
      '2001:db8::1',
      'localhost.evil',
    ]) {
      expect(issuesOf({ HOST: host })['HOST'], host).toContain('ALLOW_ANONYMOUS=true');
    }
  });

  it('may leave it when ALLOW_ANONYMOUS is true, and only then', () => {
    expect(issuesOf({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' })).toEqual({});
    expect(issuesOf({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'false' })).toHaveProperty('HOST');
  });

  it('refuses a file of tokens that it would not read', () => {
    expect(issuesOf({ AUTH_TOKENS_FILE: '/etc/tokens' })).toEqual({
      AUTH_TOKENS_FILE: 'must be unset: this version does not support tokens',
    });
    const host = z.object({ HOST: variables.HOST });
    expect(() => parseEnvironment(host, { AUTH_TOKENS_FILE: 'x' })).toThrow('AUTH_TOKENS_FILE must be unset');
  });
});

describe('rules between variables', () => {
  it('count only for services that read the variable', () => {
    const schema = z.object({ LOG_LEVEL: variables.LOG_LEVEL });
    expect(parseEnvironment(schema, { HOST: '0.0.0.0', STORE: 'aws' })).toEqual({ LOG_LEVEL: 'info' });
  });
});
