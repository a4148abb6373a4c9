import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections were cut so far. */
  readonly cuts: number;
}

/** A line that breaks: passes connections on and cuts each one, both ways, after so many bytes from the client as the next number says; when the numbers are used up it lives. */
export async function startCuttingProxy(
  targetPort: number,
  bytesUntilCut: Iterator<number>,
): Promise<CuttingProxy> {
  let cuts = 0;
  const server = createServer((client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1' });
    let left = bytesUntilCut.next().value ?? Number.POSITIVE_INFINITY;
    const cut = (): void => {
      client.destroy();
      target.destroy();
    };
    client.on('data', (chunk: Buffer) => {
      target.write(chunk.subarray(0, Math.min(chunk.length, left)));
      left -= chunk.length;
      if (left > 0) return;
      cuts += 1;
      // What was let through arrives before the line breaks.
      setTimeout(cut, 5);
      client.pause();
    });
    target.on('data', (chunk) => client.write(chunk));
    for (const socket of [client, target]) socket.on('error', cut).on('close', cut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
