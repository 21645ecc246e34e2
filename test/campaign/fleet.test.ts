/** The campaign of a fleet in its short form: workers, broker and database fail at random, and what is decided stays the same. */
import { fleetCampaign } from '../../src/bench/campaign/fleet-campaign';
import { CLI } from '../support/cli';
import { describeWithDatabase } from '../support/postgres';

const SEED = Number(process.env['FDIR_SEED'] ?? 1);
const PLAN = { seed: SEED, spacecraft: 8, faults: 5, kills: 1, freezes: 1, restarts: 1, program: CLI };

describeWithDatabase(`a fleet that fails at random, FDIR_SEED=${String(SEED)}`, () => {
  test('decides what an undisturbed one decides: nothing lost, nothing twice', async () => {
    const told: string[] = [];
    const { compared, done } = await fleetCampaign(PLAN, (line) => told.push(line));
    expect(done).toEqual({ kill: 1, freeze: 1, broker: 1, database: 1 });
    for (const { kind, expected, lost, added, twice } of compared) {
      expect({ kind, lost, added, twice, told }).toEqual({ kind, lost: [], added: [], twice: 0, told });
      expect(expected).toBeGreaterThan(0);
    }
  }, 600_000);
});
