import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { composeJobApi, temporaryVolume } from '../testing/compose-job-api.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { sendExactly } from '../testing/send-exactly.ts';

type App = Awaited<ReturnType<typeof composeJobApi>>['app'];

const json = { 'content-type': 'application/json' };
const post = (app: App, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  sendExactly(app, { method: 'POST', path: '/jobs', headers: { ...json, ...headers }, body });

const start = async () => composeJobApi(await temporaryVolume(), { MAX_DIGITS: '1000' });
const ledger = (dataDir: string) => readFile(`${dataDir}/jobs.txt`, 'utf8').catch(() => '');

describe('POST /jobs', () => {
  it('answers 202 with the id, the place of the job and links, and the ledger has the row', async () => {
    const { app, dataDir } = await start();
    const answer = await post(app, '{"num": 1000}');
    expect(answer.status).toBe(202);
    expect(answer.headers['location']).toBe('/jobs/1');
    expect(JSON.parse(answer.text)).toEqual({
      success: true,
      job_id: 1,
      num: 1000,
      status: 'queued',
      links: {
        self: '/jobs/1',
        status: '/jobs/1/status',
        events: '/jobs/1/events',
        download: 'http://localhost:8000/download/1',
        digits: 'http://localhost:8000/digits/1',
      },
    });
    expect(await ledger(dataDir)).toBe('1, 1000\n');
  });

  it('takes every way in which JSON writes an integer of the range', async () => {
    const { app, dataDir } = await start();
    const bodies: readonly (readonly [string, number])[] = [
      ['{"num":1}', 1],
      ['{"num":5.0}', 5],
      ['{"num":1e3}', 1000],
      ['{"num":0.1E+1}', 1],
      [' \n\t{ "num" : 7 } ', 7],
      ['\ufeff{"num":8}', 8],
      ['{"\\u006eum":9}', 9],
      ['{"num":10,"verify":true}', 10],
      // JSON leaves repeated keys open; the last one counts, as everywhere in JavaScript.
      ['{"num":0,"num":11}', 11],
    ];
    for (const [body, num] of bodies) {
      expect(JSON.parse((await post(app, body)).text), body).toMatchObject({ num });
    }
    const rows = bodies.map(([, num], index) => `${index + 1}, ${num}\n`);
    expect(await ledger(dataDir)).toBe(rows.join(''));
  });

  it('refuses every num that is no integer from 1 to MAX_DIGITS, says what it must be, and records nothing', async () => {
    const { app, dataDir } = await start();
    const nums = [
      '0',
      '-0',
      '-1',
      '1.5',
      '0.999',
      '1001',
      '1e400',
      '-1e400',
      '9007199254740993',
      '1e21',
      '"5"',
      '""',
      'null',
      'true',
      'false',
      '[]',
      '[5]',
      '{}',
      '{"num":5}',
      '"\\u0665"',
      '"NaN"',
    ];
    for (const num of nums) {
      const answer = await post(app, `{"num":${num}}`);
      expectProblem(answer, 400, 'invalid_request');
      expect(JSON.parse(answer.text).errors, num).toMatchObject([
        { in: 'body', field: 'num', message: 'num must be an integer from 1 to 1000' },
      ]);
    }
    expect(await ledger(dataDir)).toBe('');
  });

  it('refuses bodies that are no object with num and nothing else', async () => {
    const { app, dataDir } = await start();
    const bodies = [
      '{}',
      '[]',
      'null',
      '5',
      '"5"',
      'true',
      '[{"num":5}]',
      '{"Num":5}',
      '{"num ":5}',
      '{"num":5,"extra":1}',
      '{"num":5,"__proto__":{}}',
      '{"num":5,"constructor":1}',
      '{"num":5,"verify":"true"}',
      '{"num":5,"verify":null}',
      '{"num":5,"num":0}',
      '{"__proto__":{"num":5}}',
    ];
    for (const body of bodies) expectProblem(await post(app, body), 400, 'invalid_request');
    expect(await ledger(dataDir)).toBe('');
  });

  it('refuses what is no JSON', async () => {
    const { app, dataDir } = await start();
    const bodies: (string | Uint8Array)[] = [
      '',
      ' ',
      '{',
      '{"num":5',
      '{"num":}',
      '{num:5}',
      "{'num':5}",
      '{"num":05}',
      '{"num":+5}',
      '{"num":.5}',
      '{"num":5.}',
      '{"num":NaN}',
      '{"num":Infinity}',
      '{"num":0x5}',
      '{"num":5,}',
      '{"num":5}{"num":6}',
      '{"num":5}\0',
      'num=5',
      '{"num":1_000}',
      '/**/{"num":5}',
      Buffer.from([0x7b, 0xff, 0x7d]),
      Buffer.from('{"num":5}', 'utf16le'),
    ];
    for (const body of bodies) expectProblem(await post(app, body), 400, 'malformed_json');
    expect(await ledger(dataDir)).toBe('');
  });

  it('refuses JSON so deep that a parser might fall over it', async () => {
    const { app } = await start();
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const answer = await post(app, deep);
    expectProblem(answer, 400);
    expect((await post(app, '{"num":1}')).status).toBe(202);
  });

  it('refuses other media types, charsets and encodings with 415', async () => {
    const { app } = await start();
    const headers: Readonly<Record<string, string>>[] = [
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'application/json; charset=latin1' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'content-type': 'application/jsonp' },
      { 'content-type': 'json' },
      { 'content-type': '*/*' },
      { 'content-type': '' },
      { 'content-encoding': 'gzip' },
      { 'content-encoding': 'br' },
    ];
    for (const some of headers) {
      const answer = await post(app, '{"num":5}', some);
      expectProblem(answer, 415, 'unsupported_media_type');
    }
    expect(
      (await post(app, '{"num":5}', { 'content-type': 'Application/JSON ; charset="UTF-8"' })).status,
    ).toBe(202);
  });

  it('refuses a body of more than 100 KiB with 413, announced or not', async () => {
    const { app } = await start();
    const large = `{"num":5${' '.repeat(102_400)}}`;
    expectProblem(await post(app, large), 413, 'payload_too_large');
    expectProblem(await post(app, large, { 'transfer-encoding': 'chunked' }), 413, 'payload_too_large');
    expect((await post(app, `{"num":5${' '.repeat(90_000)}}`)).status).toBe(202);
  });

  it('refuses other methods with 405 and says which there are', async () => {
    const { app } = await start();
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await sendExactly(app, { method, path: '/jobs' });
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers['allow']?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
    }
    const options = await sendExactly(app, { method: 'OPTIONS', path: '/jobs/' });
    expect(options).toMatchObject({ status: 204, text: '' });
  });

  it('takes over a sane request id and makes its own for any other', async () => {
    const { app } = await start();
    expect((await post(app, '{}', { 'x-request-id': 'abc-1' })).headers['x-request-id']).toBe('abc-1');
    for (const id of ['', 'a b', 'a"b', 'x'.repeat(129), '\u00e9', '<script>']) {
      const given = (await post(app, '{}', { 'x-request-id': id })).headers['x-request-id'];
      expect(given, id).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('an Idempotency-Key', () => {
  const keyed = (app: App, key: string, body = '{"num":5}') => post(app, body, { 'idempotency-key': key });

  it('gives the first answer again, byte for byte, however the same body is written', async () => {
    const { app, dataDir } = await start();
    const first = await keyed(app, 'a');
    expect(first.status).toBe(202);
    for (const body of ['{"num":5}', ' { "num" : 5.0 } ', '{"verify":false,"num":5}']) {
      const again = await keyed(app, 'a', body);
      expect(again).toMatchObject({ status: 202, text: first.text });
      expect(again.headers['location']).toBe(first.headers['location']);
    }
    expect(await ledger(dataDir)).toBe('1, 5\n');
  });

  it('gives the first answer again across a restart and on another instance', async () => {
    const dataDir = await temporaryVolume();
    const one = await composeJobApi(dataDir);
    const first = await keyed(one.app, 'restart');
    await post(one.app, '{"num":6}');
    const other = await composeJobApi(dataDir);
    expect((await keyed(other.app, 'restart')).text).toBe(first.text);
    await one.close();
    await other.close();
    const restarted = await composeJobApi(dataDir);
    expect((await keyed(restarted.app, 'restart')).text).toBe(first.text);
    expect(await ledger(dataDir)).toBe('1, 5\n2, 6\n');
  });

  it('is refused with 422 when it comes with another body', async () => {
    const { app, dataDir } = await start();
    await keyed(app, 'a');
    for (const body of ['{"num":6}', '{"num":5,"verify":true}']) {
      expectProblem(await keyed(app, 'a', body), 422, 'idempotency_mismatch');
    }
    expect(await ledger(dataDir)).toBe('1, 5\n');
  });

  it('is not used up by a request that was refused', async () => {
    const { app } = await start();
    expectProblem(await keyed(app, 'a', '{"num":0}'), 400);
    expect((await keyed(app, 'a', '{"num":5}')).status).toBe(202);
  });

  it('must have 1 to 255 characters', async () => {
    const { app } = await start();
    for (const key of ['', 'x'.repeat(256)]) expectProblem(await keyed(app, key), 400, 'invalid_request');
    for (const key of ['x', 'x'.repeat(255), '../../../jobs.txt', '..', '"quoted"', '\u00e9', 'a/b\\c']) {
      expect((await keyed(app, key)).status, key).toBe(202);
    }
  });

  it('makes one job of twenty requests at once; each gets the answer or 409 with Retry-After', async () => {
    const { app, dataDir } = await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed(app, 'same')));
    const made = answers.filter(({ status }) => status === 202);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expectProblem(answer, 409, 'idempotency_in_flight');
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect(await ledger(dataDir)).toBe('1, 5\n');
  });
});
