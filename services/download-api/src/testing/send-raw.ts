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

/** Speaks to a server byte by byte and reads what it answers until it closes or says nothing more for `quietMs` after an answer. */
export async function sendRaw(port: number, steps: readonly Step[], quietMs = 50): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const received: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const step of steps) {
    if (step === 'cut') socket.destroy();
    else if (typeof step === 'object' && 'waitMs' in step) await delay(step.waitMs);
    else if (socket.writable) socket.write(typeof step === 'string' ? Buffer.from(step, 'utf8') : step);
  }
  while (!socket.destroyed) {
    const before = received.length;
    await Promise.race([closed, delay(quietMs)]);
    if (received.length > 0 && received.length === before) break;
  }
  socket.destroy();
  const text = Buffer.concat(received).toString('utf8');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  return { status: status === undefined ? undefined : Number(status), head, body };
}
