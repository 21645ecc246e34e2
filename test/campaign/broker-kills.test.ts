/**
 * Broker and daemon are killed with SIGKILL, one or both, at random moments of a pass. Mosquitto then knows what it saved last, a second
 * ago at best, or nothing: messages that it had taken are gone, and such that were acknowledged come again.
 *
 * What must hold then is not that nothing is lost, but that nothing is lost by the daemon:
 * - a frame that it acknowledged was judged, and no frame is judged that it was not given;
 * - no frame is judged twice, whatever comes again;
 * - no request is sent twice, and one that was not carried out is in the log as expired or failed;
 * - every absence of the broker and every session that it forgot is in the log; the log verifies; state and health are right at the end.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { MqttConnection } from '../../src/adapters/mqtt/mqtt-connection';
import { telemetryClientId } from '../../src/adapters/mqtt/mqtt-link';
import { readLog } from '../../src/adapters/log/sqlite-log';
import { createRandom } from '../../src/core/random';
import { topicsOf } from '../../src/core/topics';
import type { Health } from '../../src/domain/health';
import { runCli, startCli, type Running } from '../support/cli';
import { COUNTED_MISSION, COUNTED_RULES, countedFrame, frameOf, judgedFrames } from '../support/counted-telemetry';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { startRelay } from '../support/relay';
import { until } from '../support/until';
import { PACKET, type WirePacket } from '../support/wire';

const KILLS = process.env['CI'] === undefined ? 8 : 20;
const SEED = Number(process.env['FDIR_SEED'] ?? 7);
/** Pauses between messages, from the first frame that is acknowledged to the kill, and until what was killed is started again: up to this. */
const PACE_MS = 8;
const LONGEST_LIFE_MS = 600;
const LONGEST_ABSENCE_MS = 600;
/** So many kills come while the daemon is still starting; so many brokers lose what they saved too. */
const STARTING_SHARE = 1 / 3;
const FORGETFUL_SHARE = 1 / 3;
/** More than frames may come out of order. */
const FRAMES_IN_PEACE = 16;
const TIMEOUT_MS = 300_000;

const CONTROL = 'fdir-COUNTED-1';
const TELEMETRY = telemetryClientId(CONTROL);
const topics = topicsOf('fdir', 'COUNTED-1');

/** What passed between broker and daemon. */
class Wire {
  /** Frames that were sent to the daemon, and those that it has acknowledged. */
  readonly delivered = new Set<number>();
  readonly acknowledged = new Set<number>();
  /** How often a request was sent that was not marked as sent before. */
  readonly requests = new Map<string, number>();
  /** Connections of telemetry on which the broker knew no session. */
  forgotten = 0;
  private readonly underWay = new Map<string, number>();

  readonly tap = (clientId: string, connection: number, isFromBroker: boolean, packet: WirePacket): void => {
    const { type, id, topic, payload, isAgain } = packet;
    const key = `${String(connection)}/${String(id)}`;
    if (clientId === TELEMETRY && isFromBroker && type === PACKET.connack && !packet.isResumed) this.forgotten += 1;
    if (clientId === TELEMETRY && isFromBroker && type === PACKET.publish && topic === topics.telemetry) {
      this.delivered.add(frameOf(payload));
      this.underWay.set(key, frameOf(payload));
    }
    if (clientId === TELEMETRY && !isFromBroker && type === PACKET.puback) {
      const frame = this.underWay.get(key);
      if (frame !== undefined) this.acknowledged.add(frame);
    }
    if (clientId === CONTROL && !isFromBroker && type === PACKET.publish && topic === topics.action && !isAgain) {
      const request = (JSON.parse(payload) as { readonly id: string }).id;
      this.requests.set(request, (this.requests.get(request) ?? 0) + 1);
    }
  };
}

const without = (from: ReadonlySet<number>, what: ReadonlySet<number>): number[] =>
  [...from].filter((item) => !what.has(item)).sort((a, b) => a - b);

describeWithBroker('a daemon and its broker that are killed again and again', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  let broker: Broker;
  let daemon: Running;
  /** What has to be ended whatever happens, the last one first. */
  let open: (() => Promise<unknown>)[];
  beforeEach(() => {
    open = [];
    folder = mkdtempSync(join(tmpdir(), 'fdir-both-'));
    const write = (name: string, lines: readonly string[]): void => {
      writeFileSync(path(name), lines.join('\n'));
    };
    write('mission.yaml', COUNTED_MISSION);
    write('rules.yaml', COUNTED_RULES);
  });
  afterEach(async () => {
    for (const end of open.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  const saving = (port: number): string =>
    `${process.getuid?.() === 0 ? 'user root\n' : ''}listener ${String(port)} 127.0.0.1\nallow_anonymous true\n` +
    `max_queued_messages 0\nset_tcp_nodelay true\npersistence true\npersistence_location ${folder}/\nautosave_interval 1\n`;
  const begin = (): void => {
    daemon = startCli(['run', '--config', path('daemon.yaml'), '--log-level', 'warn']);
  };
  const killDaemon = async (): Promise<void> => {
    daemon.child.kill('SIGKILL');
    await daemon.finished;
  };

  test(
    `lose no sample that was acknowledged, judge none twice, send no request twice, and tell what was lost (seed ${String(SEED)})`,
    async () => {
      const [choices, random] = [createRandom(SEED), createRandom(SEED).fork('pace')];
      const wire = new Wire();
      broker = await startBroker(undefined, saving);
      open.push(() => broker.stop());
      const { port, url } = broker;
      const relay = await startRelay(port, wire.tap);
      open.push(() => relay.close());
      const config = {
        mission: 'mission.yaml',
        rules: ['rules.yaml'],
        mode: 'active',
        console: false,
        mqtt: { url: relay.url, keepalive: '1s' },
        log: { path: 'daemon.db' },
      };
      writeFileSync(path('daemon.yaml'), JSON.stringify(config));

      // The spacecraft: it sends telemetry, and carries out what it is asked for.
      const carriedOut: string[] = [];
      let state = '';
      let health: Health | undefined;
      const spacecraft = new MqttConnection({
        url,
        clientId: 'spacecraft',
        session: 'clean',
        subscriptions: [topics.action, topics.state, topics.health],
        onMessage: ({ topic, payload }, done) => {
          const text = Buffer.from(payload).toString();
          if (topic === topics.state) state = text;
          else if (topic === topics.health) health = JSON.parse(text) as Health;
          else {
            const { id } = JSON.parse(text) as { readonly id: string };
            carriedOut.push(id);
            for (const stage of ['accepted', 'completed'])
              void spacecraft.publish(`${topics.action}/${id}/ack`, JSON.stringify({ stage })).catch(() => undefined);
          }
          done();
        },
      });
      /** @throws when the daemon has ended by itself: waiting would not help. */
      const isRunning = (): boolean => {
        if (daemon.child.exitCode !== null) throw new Error(`the daemon ended: ${daemon.stderr()}`);
        return true;
      };
      const isUp = (word: string): boolean => isRunning() && state === word;
      spacecraft.start();
      open.push(() => spacecraft.stop());
      begin();
      open.push(killDaemon);
      await until('the daemon', () => isUp('online'), 60_000);

      let sent = 0;
      let isEnough = false;
      // Telemetry goes on, while it can, through every kill and absence.
      const sending = (async () => {
        for (; !isEnough; sent += 1) {
          await spacecraft.publish(topics.telemetry, countedFrame(sent));
          await wait(random.uniform() * PACE_MS);
        }
      })();
      const works = async (): Promise<void> => {
        const before = wire.acknowledged.size;
        await until('a frame to be acknowledged', () => isRunning() && wire.acknowledged.size > before, 60_000);
      };
      const killed = { daemon: 0, broker: 0, both: 0, brokerBesideOneThatWorks: 0, forgetful: 0 };
      for (let kill = 0; kill < KILLS; kill += 1) {
        const isStarting = choices.uniform() < STARTING_SHARE;
        if (!isStarting) await works();
        await wait(choices.uniform() * LONGEST_LIFE_MS);
        // Each kind comes; which when is the seed's.
        const what = (['broker', 'both', 'daemon'] as const)[kill < 3 ? (kill + SEED) % 3 : choices.int(3)] ?? 'both';
        killed[what] += 1;
        if (what === 'broker' && !isStarting) killed.brokerBesideOneThatWorks += 1;
        if (what !== 'broker') await killDaemon();
        if (what !== 'daemon') {
          process.kill(broker.pid ?? NaN, 'SIGKILL');
          await broker.stop();
          const isSecond = killed.broker + killed.both === 2;
          if (choices.uniform() < FORGETFUL_SHARE || isSecond) {
            killed.forgetful += 1;
            rmSync(path('mosquitto.db'), { force: true });
          }
        }
        await wait(choices.uniform() * LONGEST_ABSENCE_MS);
        if (what !== 'broker') begin();
        if (what !== 'daemon') broker = await startBroker(port, saving);
      }
      await works();
      // Frames behind a gap are judged when what is missing is given up: the last ones come in peace.
      const inPeace = sent + FRAMES_IN_PEACE;
      await until('the last frames to be sent', () => sent > inPeace, 60_000);
      isEnough = true;
      await sending;
      await until('the daemon to be well', () => isUp('online'), 60_000);
      const last = sent - 1;
      await until('the last frame', () => wire.acknowledged.has(last), 60_000);
      const recoveries = () => {
        const log = readLog(path('daemon.db'));
        try {
          return log.ledger.listRecoveries({ all: true, limit: 10_000 });
        } finally {
          log.close();
        }
      };
      await until('every recovery to be over', () => recoveries().every(({ isOver }) => isOver), 60_000);
      // One that was said after all of this.
      health = undefined;
      await until('health', () => health?.state === 'online' && health.impaired.length === 0);
      expect((await daemon.stop()).status).toBe(0);
      await until('the farewell', () => state === 'offline');
      const { frames, amiss } = judgedFrames(path('daemon.db'));
      // Of frame 0 no bit is set, which is established in silence.
      wire.acknowledged.delete(0);
      const over = recoveries();
      const notCarriedOut = over.filter(({ id }) => !carriedOut.includes(id));
      expect({
        seed: SEED,
        amiss,
        acknowledgedAndNotJudged: without(wire.acknowledged, frames),
        judgedAndNotDelivered: without(frames, wire.delivered),
        sentTwice: [...wire.requests].filter(([, times]) => times > 1),
        carriedOutTwice: carriedOut.filter((id, index) => carriedOut.indexOf(id) !== index),
        carriedOutAndNotRecorded: carriedOut.filter((id) => !over.some((recovery) => recovery.id === id)),
        lostInSilence: notCarriedOut.filter(({ state: end }) => end !== 'expired' && end !== 'rejected'),
      }).toEqual({
        seed: SEED,
        amiss: [],
        acknowledgedAndNotJudged: [],
        judgedAndNotDelivered: [],
        sentTwice: [],
        carriedOutTwice: [],
        carriedOutAndNotRecorded: [],
        lostInSilence: [],
      });
      const database = new Database(path('daemon.db'), { readonly: true });
      const count = (kind: string): number =>
        database.prepare<[string], { n: number }>('SELECT count(*) AS n FROM daemon_event WHERE kind = ?').get(kind)
          ?.n ?? 0;
      const told = { down: count('link-down'), up: count('link-up'), forgotten: count('session-lost') };
      database.close();
      // A broker that goes while the daemon has a connection is noticed.
      expect(told.down).toBeGreaterThanOrEqual(killed.brokerBesideOneThatWorks);
      // The first session of all was none to be lost; a daemon may be killed between the broker's word and its note.
      expect(told.forgotten).toBeLessThan(wire.forgotten);
      expect(told.forgotten).toBeGreaterThanOrEqual(wire.forgotten - 1 - killed.daemon - killed.both);
      expect((await runCli(['log', 'verify', '--log', path('daemon.db')])).status).toBe(0);
      // A campaign in which nothing is asked for, forgotten or killed proves nothing.
      expect(Math.min(carriedOut.length, killed.broker, killed.daemon, killed.both, killed.forgetful)).toBeGreaterThan(
        0,
      );
    },
    TIMEOUT_MS,
  );
});
