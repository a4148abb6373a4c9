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
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(url, { headers, signal: controller.signal });
  let text = '';
  const events = () => parseEvents(text);
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  const ended = read().then(events);
  ended.catch(() => undefined);
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    events,
    async atLeast(count) {
      while (events().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
      return events();
    },
    ended,
    leave: () => controller.abort(),
  };
}

function parseEvents(text: string): ReceivedEvent[] {
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 1);
  return whole.split('\n\n').flatMap((block) => {
    const [, id = '', type = '', data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/m.exec(block) ?? [];
    return data === undefined ? [] : [{ id, type, job: JSON.parse(data) as ReceivedEvent['job'] }];
  });
}
