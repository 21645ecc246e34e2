/** What every bench works with: the bundled configuration, simulated telemetry of any length, and a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePass } from '../adapters/passes/pass-writer';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import { topicsOf, type Topics } from '../core/topics';
import type { Frame } from '../domain/telemetry';
import type { Fault } from '../simulate/faults';
import { matchMission } from '../simulate/mission-match';
import { randomFaults } from '../simulate/random-faults';
import { simulatePass } from '../simulate/simulate-pass';

export interface Workshop {
  /** Tells people what is going on. */
  readonly report: (line: string) => void;
  readonly loaded: LoadedConfig;
  readonly topics: Topics;
  /** A file in a folder of this run. */
  path(name: string): string;
  /** Telemetry of the bundled mission, simulated. */
  frames(count: number, faults: readonly Fault[], passSeed?: number): Generator<Frame, void, undefined>;
  /** A recorded pass of that many frames with a random fault every two hours. */
  recordedPass(name: string, count: number): string;
  remove(): void;
}

const CONFIG = join(__dirname, '../../rules/fdir.yaml');
/** Where simulated telemetry begins, and the seed of what happens in it: none that a model was fitted on. */
export const BENCH_START = Date.UTC(2026, 2, 1);
const SEED = 909;
const HOURS_PER_FAULT = 2;

export const openWorkshop = (report: Workshop['report']): Workshop => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-bench-'));
  const loaded = loadConfig(CONFIG);
  const { mission } = loaded;
  const { periodMs } = mission.sampling;
  const path = (name: string): string => join(folder, name);
  const frames: Workshop['frames'] = (count, faults, passSeed = SEED) => {
    const pass = {
      start: BENCH_START,
      durationMs: count * periodMs,
      periodMs,
      spacecraftSeed: 1,
      passSeed,
      faults,
    };
    return matchMission(mission, CONFIG)(simulatePass(pass));
  };
  return {
    report,
    loaded,
    topics: topicsOf('fdir', mission.spacecraft),
    path,
    frames,
    recordedPass: (name, count) => {
      const durationMs = count * periodMs;
      const faultCount = Math.floor(durationMs / (HOURS_PER_FAULT * 3_600_000));
      writePass(
        path(name),
        mission,
        frames(
          count,
          randomFaults({ count: faultCount, passSeed: SEED, passStart: BENCH_START, durationMs, periodMs }),
        ),
      );
      return path(name);
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
