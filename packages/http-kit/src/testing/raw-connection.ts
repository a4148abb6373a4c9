import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  /** What went wrong on the connection, a reset by the other side for one. */
  readonly errors: readonly Error[];
  /** Everything received so far. */
  received(): string;
  /** Resolves when the received text contains `part`. */
  receive(part: string): Promise<void>;
  /** Resolves with everything received when the other side has closed the connection. */
  closed(): Promise<string>;
}

/**
 * A TCP connection on which a test speaks HTTP byte by byte. With `allowHalfOpen` it goes on sending after the other side has
 * ended its half, until the test ends it.
 */
export async function openRaw(port: number, { allowHalfOpen = false } = {}): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  const errors: Error[] = [];
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  socket.on('error', (error) => errors.push(error));
  await once(socket, 'connect');
  return {
    socket,
    errors,
    received: () => text,
    async receive(part) {
      while (!text.includes(part)) {
        if (socket.destroyed)
          throw new Error(`the connection closed before ${JSON.stringify(part)}: ${text}`);
        await Promise.race([once(socket, 'data'), closed]);
      }
    },
    closed: () => closed,
  };
}

/** Sends the text and resolves with the whole answer when the server has closed the connection. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const connection = await openRaw(port);
  connection.socket.write(text, 'latin1');
  return connection.closed();
}
