/**
 * `npm run screenshots [-- --out FOLDER] [--all]`: pictures of the console for the documentation, of a daemon that runs on a fixture pass
 * through a real broker, in Debian's Chromium. The pass is moved in time so that its newest frame is now.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { describeDefect } from '../domain/errors';
import { connectPublisher } from '../adapters/mqtt/mqtt-publisher';
import { openChromium } from './chromium';
import { endWithUs } from './end-with-us';
import { startBroker } from './mosquitto';
import { smallPng } from './small-png';
import { until } from './until';

const ROOT = resolve(__dirname, '../..');
const TOKEN = 'ann-0123456789abcdef0123456789abcdef';
/** Of `several.csv`: eight minutes into the third of its faults, a wheel that loses torque. */
const BATCH = 50;
const FRAMES = (3600 * 2.75 + 480) / 4;
/** A request waits for a person, and is still there when the pictures are taken. */
const RULES_FOR_PEOPLE = (text: string): string =>
  text
    .replaceAll('authority: automatic', 'authority: confirm')
    .replaceAll(/^( +)confidenceFloor: .*\n/gm, '')
    .replaceAll(/expiry: \d+m/g, 'expiry: 30m');

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'dark' | 'light';
  readonly isInReadme?: boolean;
}

/** What is the last to come on each page. */
const WHEN_THERE: Readonly<Record<string, string>> = {
  overview: 'table.alarms',
  anomaly: '.plots canvas',
  log: '.log-table',
  rules: '.rules-table',
  model: '.chips',
  replay: '.not-live .plots canvas',
};
const WIDTHS = [
  [1280, 860],
  [820, 1180],
] as const;
const SCHEMES = ['dark', 'light'] as const;
const IN_README = [
  'overview-dark-1280',
  'anomaly-light-1280',
  'log-dark-1280',
  'replay-dark-1280',
  'overview-light-820',
];

const readPass = (): readonly { time: number; values: Record<string, number> }[] => {
  const [header = '', ...lines] = readFileSync(join(ROOT, 'telemetry-fixtures/several.csv'), 'utf8').trim().split('\n');
  const names = header.split(',').slice(1);
  return lines.slice(0, FRAMES).map((line) => {
    const [time = '', ...cells] = line.split(',');
    return { time: Date.parse(time), values: Object.fromEntries(names.map((name, at) => [name, Number(cells[at])])) };
  });
};

const shoot = async (page: Page, out: string, { name, path, width, height, scheme }: Shot): Promise<void> => {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.goto(`${new URL(page.url()).origin}/${path}`);
  await page.waitForSelector(WHEN_THERE[name.slice(0, name.indexOf('-'))] ?? 'main h1');
  const picture = await page.screenshot({ animations: 'disabled', fullPage: name.startsWith('anomaly') });
  writeFileSync(join(out, `${name}.png`), smallPng(picture));
};

type Call = (path: string, body?: object) => Promise<unknown>;

/** Starts the built daemon on `brokerUrl`, with a person's token and recorded passes. */
const startDaemonIn = (work: string, brokerUrl: string) => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(work, name), text);
    return join(work, name);
  };
  const home = join(ROOT, 'rules');
  const rules = file('rules.yaml', RULES_FOR_PEOPLE(readFileSync(join(home, 'event-actions.yaml'), 'utf8')));
  chmodSync(file('ann.token', TOKEN), 0o600);
  const config = {
    mission: join(home, 'mission.yaml'),
    model: join(ROOT, 'models/rw-cae'),
    rules: [join(home, 'monitoring.yaml'), rules],
    mode: 'active',
    mqtt: { url: brokerUrl },
    log: { path: 'explanations.db' },
    console: { port: 0, tokens: [{ name: 'ann', file: 'ann.token' }], passes: join(ROOT, 'telemetry-fixtures') },
  };
  const program = [join(ROOT, 'dist/cli.js'), 'run', '--config', file('fdir.yaml', JSON.stringify(config))];
  const daemon = spawn(process.execPath, program);
  endWithUs(daemon);
  let output = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  daemon.stdout.resume();
  const ended = new Promise((done) => daemon.once('close', done));
  const consoleUrl = (): Promise<string> =>
    until(
      'the console',
      () => {
        if (daemon.exitCode !== null) throw new Error(`the daemon ended:\n${output}`);
        return /"url":"(http:[^"]+)","msg":"console"/.exec(output)?.[1];
      },
      60_000,
    );
  return { daemon, ended, consoleUrl };
};

const callOn =
  (url: string): Call =>
  async (path, body) => {
    const init = body && {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const response = await fetch(`${url}/api/v1/${path}`, init);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };

/** Publishes the recorded pass as if it had just ended. */
const publishRecording = async (brokerUrl: string): Promise<void> => {
  const frames = readPass();
  const last = frames.at(-1)?.time ?? 0;
  // Whole sampling periods, so that the frames keep their slots.
  const shift = Math.floor((Date.now() - last) / 4000) * 4000;
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const publisher = await connectPublisher(brokerUrl, 'screenshots', report);
  for (let at = 0; at < frames.length; at += BATCH) {
    const batch = frames
      .slice(at, at + BATCH)
      .map(({ time, values }) => ({ time: new Date(time + shift).toISOString(), values }));
    await publisher.publish('fdir/AURORA-1/tm', JSON.stringify(batch));
  }
  await publisher.close();
};

/** Waits for three anomalies and a request, judges one, replays a pass. @returns the page's path of each picture. */
const preparePages = async (call: Call): Promise<Readonly<Record<string, string>>> => {
  type Summary = { readonly id: string; readonly equipment: string };
  const items = await until(
    'the anomalies',
    async () => {
      const list = ((await call('anomalies')) as { items: Summary[] }).items;
      const { recoveries } = (await call('overview')) as { recoveries: { state: string }[] };
      return list.length >= 3 && recoveries.some(({ state }) => state === 'waiting') && list;
    },
    120_000,
  );
  const comment = 'bearing current confirmed by the test at 01:20';
  await call(`anomalies/${encodeURIComponent(items.at(-1)?.id ?? '')}/verdict`, { verdict: 'true', comment });
  const run = (await call('replays', { pass: 'friction-rise.csv' })) as { id: string };
  const isReplayed = async () => ((await call(`replays/${run.id}`)) as { state: string }).state === 'done';
  await until('the replay', isReplayed, 120_000);
  return {
    overview: '#/overview',
    anomaly: `#/anomalies/${encodeURIComponent(items[0]?.id ?? '')}`,
    log: '#/log',
    rules: '#/rules',
    model: '#/model',
    replay: `#/replay/${run.id}`,
  };
};

const main = async (): Promise<void> => {
  const { out: folder, all } = parseArgs({
    options: {
      out: { type: 'string', default: join(ROOT, 'src/console/screenshots') },
      all: { type: 'boolean', default: false },
    },
  }).values;
  const out = resolve(folder);
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'fdir-screenshots-'));
  const browser = await openChromium();
  const broker = await startBroker();
  const { daemon, ended, consoleUrl } = startDaemonIn(work, broker.url);
  try {
    const url = await consoleUrl();
    await publishRecording(broker.url);
    const paths = await preparePages(callOn(url));
    const page = await browser.newPage();
    await page.goto(url);
    for (const [name, path] of Object.entries(paths))
      for (const [width, height] of WIDTHS)
        for (const scheme of SCHEMES) {
          const shot = `${name}-${scheme}-${String(width)}`;
          if (all || IN_README.includes(shot)) await shoot(page, out, { name: shot, path, width, height, scheme });
        }
    process.stderr.write(`pictures are in ${out}\n`);
  } finally {
    await browser.close();
    daemon.kill('SIGTERM');
    await ended;
    await broker.stop();
    rmSync(work, { recursive: true, force: true });
  }
};

void main().catch((error: unknown) => {
  process.stderr.write(`${describeDefect(error)}\n`);
  process.exitCode = 3;
});
