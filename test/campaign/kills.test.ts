/** The real daemon through a real Mosquitto; two hundred kills are `npm run bench -- --only kills`. */
import { runKills } from '../../src/bench/kills';
import { openWorkshop, type Workshop } from '../../src/bench/workshop';
import { CLI } from '../support/cli';
import { describeWithBroker } from '../support/mosquitto';

const KILLS = process.env['CI'] === undefined ? 8 : 20;
const SEED = Number(process.env['FDIR_SEED'] ?? 7);
const TIMEOUT_MS = 600_000;

describeWithBroker('a daemon that is killed again and again', () => {
  let workshop: Workshop;
  beforeAll(() => {
    workshop = openWorkshop(() => undefined);
  });
  afterAll(() => {
    workshop.remove();
  });

  test(
    `decides, records, publishes and asks as one that was left alone, and asks once (seed ${String(SEED)})`,
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
});
