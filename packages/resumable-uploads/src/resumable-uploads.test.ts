import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FileResumableStore } from './file-system/file-resumable-store.ts';
import { ResumableUploads } from './resumable-uploads.ts';

const TUS = { 'Tus-Resumable': '1.0.0' };

it('checks a request against its own checksum, whatever else is asked about the upload meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'resumable-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const exchange = {
    admit: async () => undefined,
    adopt: () => Promise.reject(new Error('not asked for')),
  };
  const store = await FileResumableStore.open({ exchange, folder });
  const uploads = new ResumableUploads({ exchange, store, maxBytes: 1000 });
  const server = createServer((req, res) => void uploads.answer({ req, res })).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const created = await fetch(`${base}/files`, {
    method: 'POST',
    headers: { ...TUS, 'Upload-Length': '9', 'Upload-Metadata': `filename ${btoa('a.txt')}` },
  });
  const upload = `${base}${created.headers.get('location')}`;

  const asked = vi.spyOn(store, 'isInterrupted');
  const read = store.getUpload.bind(store);
  vi.spyOn(store, 'getUpload').mockImplementationOnce(async (id) => {
    const head = fetch(upload, { method: 'HEAD', headers: TUS });
    onTestFinished(async () => void (await head));
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 10_000);
    return await read(id);
  });
  const sum = createHash('sha1').update('other text').digest('base64');
  const patched = await fetch(upload, {
    method: 'PATCH',
    headers: {
      ...TUS,
      'Upload-Offset': '0',
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Checksum': `sha1 ${sum}`,
    },
    body: 'some text',
  });
  expect(patched.status).toBe(460);
  const head = await fetch(upload, { method: 'HEAD', headers: TUS });
  expect(head.headers.get('upload-offset')).toBe('0');
});
