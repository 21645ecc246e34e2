/** The real daemon through a real Mosquitto; two hundred kills are `npm run bench -- --only kills`. */
import { runBreaks, runKills } from '../../src/bench/kills';
import { openWorkshop, type Workshop } from '../../src/bench/workshop';
import { CLI } from '../support/cli';
import { describeWithBroker } from '../support/mosquitto';

const KILLS = process.env['CI'] === undefined ? 8 : 20;
const SEED = Number(process.env['FDIR_SEED'] ?? 7);
const TIMEOUT_MS = 600_000;

describeWithBroker('a daemon that is disturbed again and again', () => {
  let workshop: Workshop;
  beforeEach(() => {
    workshop = openWorkshop(() => undefined);
  });
  afterEach(() => {
    workshop.remove();
  });

  test(
    `killed, it decides, records, publishes and asks as one that was left alone, and asks once (seed ${String(SEED)})`,
    async () => {
      const result = await runKills(workshop, {
        program: CLI,
        kills: KILLS,
        seed: SEED,
        framesPerKill: 2400 / KILLS,
      });
      const { differences, duplicateRequests, requests, anomalies, kills } = result;
      expect({ seed: SEED, differences, duplicateRequests }).toEqual({
        seed: SEED,
        differences: [],
        duplicateRequests: 0,
      });
      // A pass in which nothing is found, or nobody dies at work, proves nothing.
      expect(Math.min(requests, anomalies, kills.working)).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    `finds and publishes the same beside a broker that is started again or stands still midway (seed ${String(SEED)})`,
    async () => {
      const result = await runBreaks(workshop, { program: CLI, breaks: 4, seed: SEED, framesEach: 300 });
      const { differences, duplicateRequests, requests } = result;
      // Each request that the log calls sent was heard, once.
      expect({ seed: SEED, differences, duplicateRequests, requests }).toEqual({
        seed: SEED,
        differences: [],
        duplicateRequests: 0,
        requests: result.sentByTheLog,
      });
      expect(Math.min(result.anomalies, result.restarts, result.stalls)).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
