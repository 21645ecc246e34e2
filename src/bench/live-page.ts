/**
 * How fluent the live page is with two hundred parameters, in Debian's Chromium. Frame times are taken while telemetry comes, while a
 * mouse moves over the strips, and while the page is scrolled. A server of this bench answers as the console does, so that only the page is
 * measured. Busy time is that of the page's main thread; frame times also hold what else the machine does.
 */
import { createReadStream } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import type { Session } from '../console/api/common';
import type { HistoryAnswer, Telemetry, Timeline } from '../console/api/history';
import type { MissionView, Overview } from '../console/api/overview';
import { isoTime } from '../domain/units';
import { isChromiumInstalled, openChromium } from './chromium';
import { quantile } from './statistics';
import type { Workshop } from './workshop';

const PARAMETERS = 200;
const UNITS = 20;
const SECONDS = 10;
const STEP_MS = 2000;
/** As the console tells of telemetry. */
const NEWS_MS = 500;
const PULSE_MS = 1000;
/** A frame at 60 Hz. */
const FRAME_MS = 1000 / 60;
const START = Date.UTC(2026, 2, 1, 12);
const PAGE_FILES = resolve(__dirname, '../console/page');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

const idOf = (index: number): string => `p${String(index)}`;
const unitOf = (index: number): string => `u${String(index % UNITS)}`;
/** Each parameter is a sine of its own. */
const valueAt = (index: number, time: number): number => Math.sin(time / (20_000 + 500 * index) + index) * (1 + index);

const mission: MissionView = {
  ...{ spacecraft: 'BENCH-1', title: 'BENCH-1', periodSeconds: 1, windowFrames: 16, faults: [], modes: [] },
  equipment: Array.from({ length: UNITS }, (_, at) => ({ id: unitOf(at), title: `Unit ${String(at)}` })),
  parameters: Array.from({ length: PARAMETERS }, (_, at) => ({
    ...{ id: idOf(at), title: `Parameter ${String(at)}`, units: 'V', equipment: unitOf(at), modulus: null },
    ...{ warning: [-1 - at, 1 + at], critical: [-2 - at, 2 + at] },
  })),
};

const anomaly = (index: number): Timeline['anomalies'][number] => ({
  ...{ id: `a${String(index)}`, equipment: unitOf(index), fault: 'offset', confidence: 0.9, severity: 'medium' },
  ...{ from: isoTime(START - 600_000 + index * 20_000), to: isoTime(START - 590_000 + index * 20_000), sentence: '' },
});

const timeline = (now: number): Timeline => ({
  ...{ from: isoTime(now - 900_000), to: isoTime(now), alarms: [], recoveries: [], commands: [] },
  anomalies: Array.from({ length: UNITS }, (_, index) => anomaly(index)),
});

const history = (ids: readonly string[], points: number, now: number): HistoryAnswer => {
  const from = Math.floor(now / STEP_MS) * STEP_MS - (points - 1) * STEP_MS;
  const rows = (of: (time: number) => number) => Array.from({ length: points }, (_, at) => of(from + at * STEP_MS));
  return {
    ...{
      from: isoTime(from),
      stepSeconds: STEP_MS / 1000,
      points,
      newest: isoTime(now),
      threshold: 3,
      modes: [],
      damaged: 0,
    },
    score: rows((time) => 1 + valueAt(0, time)),
    series: ids.map((parameter) => {
      const index = Number(parameter.slice(1));
      const mean = (time: number) => valueAt(index, time);
      const shifted = (by: number) => rows((time) => mean(time) + by * (1 + index));
      return {
        ...{ parameter, min: shifted(-0.05), max: shifted(0.05), mean: rows(mean), expected: shifted(0.01) },
        ...{ low: shifted(-0.2), high: shifted(0.2) },
      };
    }),
  };
};

const news = (time: number): Telemetry => {
  const values = Array.from({ length: PARAMETERS }, (_, index) => valueAt(index, time));
  const bucket = { time: isoTime(time), mode: null };
  return {
    stepSeconds: STEP_MS / 1000,
    measured: [{ ...bucket, min: values, max: values, mean: values }],
    judged: [{ time: bucket.time, expected: values, low: values, high: values, score: 1 }],
  };
};

const overview = (now: number): Overview => ({
  ...{ spacecraft: 'BENCH-1', title: 'BENCH-1', equipment: [], alarms: [], openAnomalies: [], recoveries: [] },
  pulse: {
    ...{ now: isoTime(now), state: 'online', mode: 'active', impaired: [], isConnected: true, startedAt: isoTime(now) },
    ...{ packetTime: isoTime(now), packetAgeSeconds: 0, lastMessageAt: isoTime(now), frames: 1, windows: 1 },
    ...{ unscored: 0, anomalies: 0, actions: 0, checks: 0, muted: 0, dropped: {} },
  },
});

/** Sends `event` at once and then every so often, until the reader goes. */
const stream = (
  response: ServerResponse,
  everyMs: number,
  event: () => readonly [name: string, data: object],
): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (): void => {
    const [name, data] = event();
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send();
  const timer = setInterval(send, everyMs);
  response.on('close', () => {
    clearInterval(timer);
  });
};

const session: Session = { name: null, mayChange: false, hasTokens: false };

const serve = (): Server => {
  const began = Date.now();
  const now = (): number => START + (Date.now() - began);
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench');
    const json = (data: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
    };
    switch (pathname) {
      case '/api/v1/session':
        return json(session);
      case '/api/v1/mission':
        return json(mission);
      case '/api/v1/timeline':
        return json(timeline(now()));
      case '/api/v1/history': {
        const ids = (searchParams.get('parameters') ?? '').split(',').filter((id) => id !== '');
        return json(history(ids, Number(searchParams.get('points')), now()));
      }
      case '/api/v1/telemetry':
        return stream(response, NEWS_MS, () => ['telemetry', news(now())]);
      case '/api/v1/events': {
        let isFirst = true;
        return stream(response, PULSE_MS, () => {
          const view = overview(now());
          const event = isFirst ? (['snapshot', view] as const) : (['pulse', view.pulse] as const);
          isFirst = false;
          return event;
        });
      }
      default: {
        const file = pathname === '/' ? 'index.html' : normalize(pathname).slice(1);
        response.setHeader('content-type', TYPES[extname(file)] ?? 'image/svg+xml');
        createReadStream(join(PAGE_FILES, file))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
      }
    }
  });
};

/** Seconds in which the main thread of the page has worked. */
const busySeconds = async (cdp: CDPSession): Promise<number> => {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
};

const RECORD = `{
  window.frames = [];
  let last = performance.now();
  const next = (time) => {
    window.frames.push(time - last);
    last = time;
    window.recording = requestAnimationFrame(next);
  };
  window.recording = requestAnimationFrame(next);
}`;

const measured = async (page: Page, cdp: CDPSession, act: (until: number) => Promise<void>): Promise<object> => {
  await page.evaluate(RECORD);
  const before = await busySeconds(cdp);
  const began = performance.now();
  await act(began + SECONDS * 1000);
  const seconds = (performance.now() - began) / 1000;
  const busy = (await busySeconds(cdp)) - before;
  const [, ...frames] = await page.evaluate<number[]>('(cancelAnimationFrame(window.recording), window.frames)');
  const rounded = (value: number): number => Number(value.toFixed(2));
  return {
    framesPerSecond: rounded(frames.length / seconds),
    frameMs: {
      p50: rounded(quantile(frames, 0.5)),
      p95: rounded(quantile(frames, 0.95)),
      p99: rounded(quantile(frames, 0.99)),
      max: rounded(Math.max(...frames)),
    },
    // One and a half frames: at least one was left out.
    lateShare: rounded(frames.filter((ms) => ms > 1.5 * FRAME_MS).length / frames.length),
    busyShare: rounded(busy / seconds),
  };
};

const pause = (page: Page, ms: number): Promise<void> => page.waitForTimeout(ms);

const acts: Readonly<Record<string, (page: Page) => (until: number) => Promise<void>>> = {
  telemetryComes: (page) => (until) => pause(page, until - performance.now()),
  mouseMoves: (page) => async (until) => {
    for (let at = 0; performance.now() < until; at += 1) {
      await page.mouse.move(300 + ((at * 7) % 900), 400 + (at % 60));
      await pause(page, FRAME_MS);
    }
  },
  pageIsScrolled: (page) => async (until) => {
    for (let at = 0; performance.now() < until; at += 1) {
      await page.mouse.wheel(0, at % 200 < 100 ? 60 : -60);
      await pause(page, FRAME_MS);
    }
  },
};

export const benchLivePage = async ({ report }: Workshop): Promise<object> => {
  if (!isChromiumInstalled) return { skipped: 'chromium is not installed' };
  const server = serve();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/#/live`);
    await page.waitForFunction(`/\\d expected/.test(document.querySelectorAll('.strip-value')[1]?.textContent ?? '')`);
    await pause(page, 2000);
    const nodes = await page.evaluate<number>('document.querySelectorAll("*").length');
    const results: Record<string, object> = {};
    for (const [name, act] of Object.entries(acts)) {
      report(`live page: ${name}, ${String(PARAMETERS)} parameters`);
      results[name] = await measured(page, cdp, act(page));
    }
    return { parameters: PARAMETERS, seconds: SECONDS, nodes, ...results };
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
};
