import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRaw } from '../testing/index.ts';
import { readJsonBody } from './read-json-body.ts';

const results: unknown[] = [];
const server = createServer((req, res) => {
  readJsonBody(req, 1000, 100)
    .then((value) => results.push(value))
    .catch((error: unknown) => results.push(error))
    .finally(() => res.end());
});
let port = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n';

it('a body that stays away too long is given up with a 408', async () => {
  const connection = await openRaw(port);
  connection.socket.write(`${head}{"a":`);
  await expect.poll(() => results.at(-1)).toMatchObject({ status: 408, code: 'request_timeout' });
  connection.socket.destroy();
});

it('a body in many pieces, cut within a character, is read whole', async () => {
  const connection = await openRaw(port);
  connection.socket.setNoDelay(true).write(head);
  for (const byte of Buffer.from('{"a":"äö"}')) {
    connection.socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => results.at(-1)).toEqual({ a: 'äö' });
  connection.socket.destroy();
});
