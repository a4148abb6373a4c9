import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly job: { readonly status: string; readonly progress: { readonly fraction: number } };
}

export interface EventStream {
  readonly status: number;
  readonly headers: Headers;
  /** Everything received so far, as it came. */
  text(): string;
  events(): readonly ReceivedEvent[];
  /** Resolves with the events once there are so many. */
  atLeast(count: number): Promise<readonly ReceivedEvent[]>;
  /** Resolves with all events when the server has ended the stream. */
  ended: Promise<readonly ReceivedEvent[]>;
  leave(): void;
}

/** Listens to an event stream as a client would; leaves with the test. */
export async function openEvents(url: string, lastEventId?: string): Promise<EventStream> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const outgoing = request(url, { agent: false, headers }).end();
  onTestFinished(() => void outgoing.destroy());
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  let text = '';
  const events = () => parseEvents(text);
  const ended = (async () => {
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return events();
  })();
  ended.catch(() => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)] as [string, string]),
    ),
    text: () => text,
    events,
    async atLeast(count) {
      while (events().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
      return events();
    },
    ended,
    leave: () => void outgoing.destroy(),
  };
}

function parseEvents(text: string): ReceivedEvent[] {
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1);
  return whole.split('\n\n').flatMap((block) => {
    const [, id = '', type = '', data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/m.exec(block) ?? [];
    return data === undefined ? [] : [{ id, type, job: JSON.parse(data) as ReceivedEvent['job'] }];
  });
}
