// What the file exchange is compared with: plain fs streams behind bare node:http, no checks, no fsync.
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

const folder = process.env['FOLDER'] ?? '.';

const server = createServer((req, res) => {
  const path = `${folder}/${(req.url ?? '').split('/').at(-1)}`;
  if (req.method === 'POST') {
    pipeline(req, createWriteStream(path), (error) => res.writeHead(error ? 500 : 201).end());
    return;
  }
  res.writeHead(200, { 'Content-Length': statSync(path).size });
  pipeline(createReadStream(path), res, () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('SIGTERM', () => process.exit(0));
