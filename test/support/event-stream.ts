/** A client of server-sent events that remembers everything it hears (WHATWG HTML, section 9.2). */
import type { ConsoleEvents } from '../../src/console/api/events';

export interface HeardEvent {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: unknown;
}

export interface EventStream {
  readonly heard: readonly HeardEvent[];
  /** Data of the events of one name, in order. */
  on<Name extends keyof ConsoleEvents>(name: Name): ConsoleEvents[Name][];
  /** Whether the server ended it. */
  isOver(): boolean;
  close(): void;
}

const eventOf = (block: string): HeardEvent | undefined => {
  const field = (name: string): string | undefined =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [name, data] = [field('event'), field('data')];
  return name === undefined || data === undefined
    ? undefined
    : { id: field('id'), name, data: JSON.parse(data) as unknown };
};

export const openStream = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
  path = 'events',
): Promise<EventStream> => {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1/${path}`, { headers, signal: abort.signal });
  if (response.status !== 200 || response.body === null)
    throw new Error(`the stream answers ${String(response.status)}`);
  const heard: HeardEvent[] = [];
  let isOver = false;
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      heard.push(...blocks.flatMap((block) => eventOf(block) ?? []));
    }
  };
  void read(response.body)
    .catch(() => undefined)
    .finally(() => (isOver = true));
  return {
    heard,
    on: <Name extends keyof ConsoleEvents>(name: Name) =>
      heard.filter((event) => event.name === name).map(({ data }) => data as ConsoleEvents[Name]),
    isOver: () => isOver,
    close: () => {
      abort.abort();
    },
  };
};
