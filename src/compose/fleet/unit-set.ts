/** The spacecraft of a part: which there are, how one begins and ends, and what becomes of one whose judgement breaks. */
import type { Logger } from '../../adapters/host/logger';
import type { FleetLog, RestoredSpacecraft } from '../../adapters/log/fleet-log';
import type { DaemonConfig } from '../../config/daemon-config';
import type { FairQueue } from '../../pipeline/fair-queue';
import { missionFor, type Assignments, type RunningMember } from './members';
import { SpacecraftUnit, type UnitOptions } from './spacecraft-unit';

/** A spacecraft whose judgement breaks so often in a row is left alone until it is configured anew. */
const MAX_BREAKS = 5;

export interface UnitSetOptions extends Pick<UnitOptions, 'onOutcome' | 'onVital' | 'now'> {
  readonly config: DaemonConfig;
  readonly log: FleetLog;
  readonly queue: FairQueue;
  readonly logger: Logger;
  readonly isFresh: boolean;
  /** Resolves when everything that was judged is committed. */
  settle(): Promise<void>;
  onBegun(unit: SpacecraftUnit): void;
  /** Its state is to be told. */
  onState(unit: SpacecraftUnit): void;
}

/** Spacecraft whose state is read together: a take-over waits for a dozen answers of the database, and others are judged in between. */
const AT_ONCE = 16;

export class UnitSet {
  readonly units = new Map<string, SpacecraftUnit>();
  private readonly breaks = new Map<string, number>();

  constructor(private readonly options: UnitSetOptions) {}

  /** What is new begins, what is gone stops, what is the same goes on. */
  async assign(assignments: Assignments): Promise<{ readonly begun: number; readonly ended: number }> {
    let [begun, ended] = [0, 0];
    for (const [name, unit] of [...this.units]) {
      const next = assignments.get(name);
      if (next === unit.running) continue;
      await this.suspend(unit);
      if (next === undefined) {
        this.remove(unit);
        this.tellOffline(unit);
      }
      ended += 1;
    }
    const due = [...assignments].filter(([name, running]) => this.units.get(name)?.running !== running);
    while (begun < due.length) {
      const some = due.slice(begun, begun + AT_ONCE);
      for (const [name] of some) this.breaks.delete(name);
      await this.begin(some);
      begun += some.length;
    }
    return { begun, ended };
  }

  /** An arrival of it was judged and committed. */
  worked({ spacecraft }: SpacecraftUnit): void {
    this.breaks.delete(spacecraft);
  }

  private async begin(due: readonly (readonly [string, RunningMember])[]): Promise<void> {
    const subjects = due.map(([name, running]) => {
      const { member, models } = running;
      const subject = { mission: missionFor(running, name), manifest: models?.live.manifest, program: member.program };
      return [name, subject] as const;
    });
    const all = await this.options.log.restore(new Map(subjects));
    for (const [name, running] of due) {
      const restored = all.get(name);
      if (restored !== undefined) this.goOn(name, running, restored);
    }
  }

  private goOn(name: string, running: RunningMember, restored: RestoredSpacecraft): void {
    const { queue, config, now, isFresh, logger, onOutcome, onVital } = this.options;
    for (const { part, reason } of restored.refused)
      logger.warn({ spacecraft: name, part }, `the daemon does not resume this part of the last run: ${reason}`);
    const unit = new SpacecraftUnit({
      ...{ spacecraft: name, running, config, now, onOutcome, onVital },
      restored: isFresh ? { ...restored, resumed: {} } : restored,
      onBroken: (broken, error) => {
        void this.mend(broken, error);
      },
      onDropped: ({ spacecraft }, drops) => {
        for (const { reason, message } of drops) logger.debug({ spacecraft, reason }, message);
      },
    });
    this.units.set(name, unit);
    unit.vitals.state$.subscribe((state) => {
      unit.status.state = state;
      this.options.onState(unit);
    });
    queue.open(name);
    this.options.onBegun(unit);
  }

  /** Nothing more is judged; what was, is committed first. What comes meanwhile waits for the next judgement. */
  private async suspend(unit: SpacecraftUnit): Promise<void> {
    this.options.queue.suspend(unit.spacecraft);
    unit.stop();
    await this.options.settle();
  }

  /** Nobody judges it any more. What waited is acknowledged: the broker has a bound of what is not, for all of them together. */
  private remove({ spacecraft }: SpacecraftUnit): void {
    this.units.delete(spacecraft);
    for (const arrival of this.options.queue.close(spacecraft)) arrival.acknowledge();
  }

  private tellOffline(unit: SpacecraftUnit): void {
    unit.status.state = 'offline';
    this.options.onState(unit);
  }

  /** What broke the judgement of one spacecraft is left out, and the others never notice. */
  private async mend(unit: SpacecraftUnit, error: unknown): Promise<void> {
    const { logger } = this.options;
    const { spacecraft, running } = unit;
    const count = (this.breaks.get(spacecraft) ?? 0) + 1;
    this.breaks.set(spacecraft, count);
    logger.error(
      { spacecraft, err: error },
      'the judgement of this spacecraft broke; it begins again from its last commit',
    );
    // Whatever it was, it would break the judgement again.
    unit.breaking?.acknowledge();
    await this.suspend(unit);
    if (count < MAX_BREAKS) {
      await this.begin([[spacecraft, running]]);
      return;
    }
    this.remove(unit);
    logger.error({ spacecraft }, 'its judgement breaks again and again: it is left alone until it is configured anew');
    unit.status.state = 'degraded';
    this.options.onState(unit);
  }
}
