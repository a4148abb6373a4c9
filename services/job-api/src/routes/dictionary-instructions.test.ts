import { errorTable } from '@pi-jobs/dictionary';
import request from 'supertest';
import { expect, test } from 'vitest';
import { queryExamples } from '../dictionary/query-examples.ts';
import { createQueryApp } from '../testing/query-app.ts';

const { app } = createQueryApp();
const get = (accept?: string) => {
  const asked = request(app).get('/api/v1').set('Host', 'pi.example:5000');
  return accept === undefined ? asked : asked.set('Accept', accept);
};

test.each([
  [undefined, 'text/html'],
  ['*/*', 'text/html'],
  ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['text/plain', 'text/plain'],
  ['application/json', 'application/json'],
  ['application/json;q=0.1, text/plain', 'text/plain'],
  ['image/png', 'text/html'],
])('a client that accepts %s gets %s', async (accept, type) => {
  const answer = await get(accept);
  expect(answer.status).toBe(200);
  expect(answer.type).toBe(type);
  expect(answer.headers['vary']).toContain('Accept');
});

test('the page and the text explain every field, every error and every example', async () => {
  const decode = (html: string) =>
    html
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const texts = [decode((await get()).text), (await get('text/plain')).text];
  for (const text of texts) {
    for (const field of [
      'term',
      'nresults',
      'n_before',
      'n_after',
      'dictionary',
      'regex',
      'folder',
      'filter',
    ]) {
      expect(text).toContain(field);
    }
    for (const { status, title } of Object.values(errorTable)) {
      expect(text).toContain(String(status));
      expect(text).toContain(title);
    }
    for (const example of queryExamples) expect(text).toContain(JSON.stringify(example.request));
  }
});

test('its commands and links lead to where the reader found it', async () => {
  const { text } = await get('text/plain');
  expect(text).toContain('curl -s http://pi.example:5000/api/v1/json');
  expect(text).not.toContain('localhost');
});

test('the page loads nothing, runs nothing, and escapes what it shows', async () => {
  const { text, headers } = await get();
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(text).not.toMatch(/<script|<link|<img|https?:\/\/(?!pi\.example)/);
  expect(text).toContain('&quot;action&quot;');
});

test('HEAD has the head of the answer and no body', async () => {
  const answer = await request(app).head('/api/v1');
  expect(answer.status).toBe(200);
  expect(Number(answer.headers['content-length'])).toBeGreaterThan(1000);
  expect(answer.text ?? '').toBe('');
});
