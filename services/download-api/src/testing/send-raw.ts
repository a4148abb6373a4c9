import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes to send, milliseconds to wait, or the line cut. */
export type Step = string | Uint8Array | { readonly waitMs: number } | 'cut';

export interface RawAnswer {
  /** Undefined when the connection ended without an answer. */
  readonly status: number | undefined;
  readonly head: string;
  readonly body: string;
}

/** Speaks to a server byte by byte and reads what it answers until the answer is whole or the connection ends. */
export async function sendRaw(port: number, steps: readonly Step[]): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const received: Buffer[] = [];
  socket.on('error', () => undefined);
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (isWhole(Buffer.concat(received))) resolve();
    });
  });
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const step of steps) {
    if (step === 'cut') socket.destroy();
    else if (typeof step === 'object' && 'waitMs' in step) await delay(step.waitMs);
    else if (socket.writable) socket.write(typeof step === 'string' ? Buffer.from(step, 'utf8') : step);
  }
  await Promise.race([closed, answered]);
  socket.destroy();
  const text = Buffer.concat(received).toString('utf8');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  return { status: status === undefined ? undefined : Number(status), head, body };
}

/** Of an answer that says nothing of its length the end of the connection is the end. */
function isWhole(received: Buffer): boolean {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const head = received.toString('latin1', 0, end);
  if (/^HTTP\/1\.1 204/.test(head)) return true;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
