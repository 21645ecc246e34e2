/**
 * What a console costs the daemon. The time runs from publishing a sample that crosses a limit to a real Mosquitto until the transition
 * comes from there. It is measured with nobody at the console, and with two hundred clients that ask for events and never read. A third
 * case has two hundred that read the live page's telemetry. Also what a page's request takes meanwhile, and memory.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { checkEventSchema } from '../domain/events';
import { isoTime } from '../domain/units';
import { startDaemonProcess } from './daemon-process';
import { freePort } from './free-port';
import { startBroker } from './mosquitto';
import { ofEvents } from './statistics';
import { until } from './until';
import { BENCH_START, type Workshop } from './workshop';

const FRAMES = 3000;
const FRAMES_PER_SECOND = 100;
const CLIENTS = 200;
/** A page that is looked at asks some times a second. */
const ASK_EVERY_MS = 200;
/** Time for the last transitions to arrive. */
const SETTLE_MS = 1000;
/** Beyond the warning limit of the first wheel's speed, and within what is valid. */
const OUTSIDE_RPM = 5500;

/** `deaf`: ask for events, and nobody reads what comes. `live`: read the telemetry of the live page. */
type Clients = 'deaf' | 'live';
const PATHS: Readonly<Record<Clients, string>> = { deaf: 'events', live: 'telemetry' };

const clientsAt = (port: number, kind: Clients): readonly Socket[] =>
  Array.from({ length: CLIENTS }, () => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    if (kind === 'deaf') socket.pause();
    else socket.resume();
    socket.write(`GET /api/v1/${PATHS[kind]} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  });

const measure = async (workshop: Workshop, name: string, options: { hasConsole: boolean; clients?: Clients }) => {
  const { mission } = workshop.loaded;
  const port = await freePort();
  const broker = await startBroker();
  const sentAt = new Map<string, number>();
  const delays: number[] = [];
  const daemon = await startDaemonProcess(workshop, {
    broker,
    name,
    console: options.hasConsole ? { port } : false,
    onMessage: (topic, payload) => {
      if (topic !== workshop.topics.check) return;
      const heardAt = performance.now();
      const { time, limit } = checkEventSchema.parse(JSON.parse(payload));
      if (limit === 'warning') delays.push(heardAt - (sentAt.get(time) ?? NaN));
    },
  });
  const publisher = await connectPublisher(broker.url, `${name}-publisher`, workshop.report);
  const url = `http://127.0.0.1:${String(port)}/api/v1`;
  const clientsOf = async (): Promise<number | undefined> => {
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    return ((await answer?.json()) as { console: { clients: number } } | undefined)?.console.clients;
  };
  if (options.hasConsole) await until('the console', async () => (await clientsOf()) === 0);
  const sockets = options.clients === undefined ? [] : clientsAt(port, options.clients);
  // Readers of telemetry are counted apart.
  if (options.clients === 'deaf') await until('its clients', async () => (await clientsOf()) === CLIENTS);
  const asks: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (options.hasConsole && !isOver) {
      const askedAt = performance.now();
      await (await fetch(`${url}/overview`)).arrayBuffer();
      asks.push(performance.now() - askedAt);
      await wait(ASK_EVERY_MS);
    }
  })();
  const begun = performance.now();
  const values = Object.fromEntries(
    mission.parameters.map(({ id, valid }) => [id, valid === undefined ? 0 : (valid[0] + valid[1]) / 2]),
  );
  const [crossing = ''] = mission.parameters.map(({ id }) => id);
  for (let index = 0; index < FRAMES; index += 1) {
    const due = begun + (index * 1000) / FRAMES_PER_SECOND - performance.now();
    if (due > 0) await wait(due);
    const time = isoTime(BENCH_START + index * mission.sampling.periodMs);
    const text = JSON.stringify({ time, values: { ...values, [crossing]: index % 4 < 2 ? 0 : OUTSIDE_RPM } });
    sentAt.set(time, performance.now());
    await publisher.publish(workshop.topics.telemetry, text);
  }
  await wait(SETTLE_MS);
  const readBytes = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  isOver = true;
  await asking;
  const memory = daemon.residentMemory();
  for (const socket of sockets) socket.destroy();
  await publisher.close();
  await daemon.stop();
  await broker.stop();
  return {
    sampleToTransitionMs: ofEvents(delays),
    ...(options.hasConsole && { overviewMs: ofEvents(asks) }),
    ...(options.clients === 'live' && { megabytesToReaders: Number((readBytes / 1e6).toFixed(1)) }),
    residentMiB: memory,
  };
};

export const benchConsole = async (workshop: Workshop) => {
  const runs: Readonly<Record<string, Parameters<typeof measure>[2]>> = {
    without: { hasConsole: false },
    idle: { hasConsole: true },
    deafClients: { hasConsole: true, clients: 'deaf' },
    liveReaders: { hasConsole: true, clients: 'live' },
  };
  const results: Record<string, object> = {};
  for (const [name, options] of Object.entries(runs)) {
    workshop.report(`console: ${name}, ${String(FRAMES)} frames at ${String(FRAMES_PER_SECOND)}/s`);
    results[name] = await measure(workshop, `bench-console-${name}`, options);
  }
  return { clients: CLIENTS, ...results };
};
