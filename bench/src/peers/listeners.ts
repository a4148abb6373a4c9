// So many listeners to an event stream, as cheap as they can be: what they cost is the server's, as far as it goes.
// Arguments: the URL and how many. Says `open` when all have had an event, ends when all streams have.
import { connect } from 'node:net';

const url = new URL(process.argv[2] ?? '');
const count = Number(process.argv[3]);
const request = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`;
const END_OF_BODY = '\r\n0\r\n\r\n';

let open = 0;
let bytes = 0;
await Promise.all(
  Array.from({ length: count }, async () => {
    const socket = connect(Number(url.port), url.hostname);
    socket.write(request);
    let isOpen = false;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (!isOpen) {
        isOpen = true;
        open += 1;
        if (open === count) process.send?.('open');
      }
      if (chunk.subarray(-END_OF_BODY.length).toString('latin1') === END_OF_BODY) break;
    }
    socket.destroy();
  }),
);
const { user, system } = process.cpuUsage();
process.send?.({ bytes, seconds: (user + system) / 1e6 });
process.disconnect?.();
