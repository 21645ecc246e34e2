/** One spacecraft of a fleet: its judgement, its state, and nothing that its likes have as well. */
import { Subject, type Subscription } from 'rxjs';
import type { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import { REQUEST_NUMBER, type RestoredSpacecraft } from '../../adapters/log/fleet-log';
import { DaemonStatus } from '../daemon/daemon-status';
import { modeIn } from '../daemon/open-log';
import type { DaemonConfig } from '../../config/daemon-config';
import { alarmStatus, gravestStatus, type AstroStatus } from '../../core/alarms/severity-status';
import { topicsOf, type Topics } from '../../core/topics';
import type { Drop } from '../../core/telemetry/drop';
import { judge, type Outcome } from '../../pipeline/judge';
import type { Arrival, VitalPart } from '../../pipeline/ports';
import { Ticker } from '../../pipeline/ticker';
import { Vitals } from '../../pipeline/vitals';
import { withTally, type WithTally } from '../../pipeline/with-tally';
import { missionFor, modelFor, packetTelemetryFor, REMEMBERED_PACKETS, type RunningMember } from './members';

export type UnitOutcome = Outcome & WithTally;

interface OpenFindings {
  readonly anomalies: number;
  readonly alarms: number;
  /** Decades of surprise; 0 when no anomaly is open. */
  readonly worst: number;
  readonly gravest: AstroStatus;
}

export interface UnitOptions {
  readonly spacecraft: string;
  readonly running: RunningMember;
  readonly config: DaemonConfig;
  readonly restored: RestoredSpacecraft;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** @param isPart more of the same arrival follows. */
  readonly onOutcome: (unit: SpacecraftUnit, outcome: UnitOutcome, isPart: boolean) => void;
  /** The judgement of this spacecraft threw; it judges nothing more. */
  readonly onBroken: (unit: SpacecraftUnit, error: unknown) => void;
  readonly onVital: (unit: SpacecraftUnit, part: VitalPart, works: boolean, detail: string) => void;
  readonly onDropped: (unit: SpacecraftUnit, drops: readonly Drop[]) => void;
}

export class SpacecraftUnit {
  readonly spacecraft: string;
  readonly running: RunningMember;
  readonly topics: Topics;
  readonly vitals: Vitals;
  readonly status: DaemonStatus;
  /** Reads packets, where the mission has a definition. */
  readonly packets: PacketTelemetry | undefined;
  /** Open anomalies and alarms, the worst score and the gravest status among them, for the page of the fleet. */
  open: OpenFindings = { anomalies: 0, alarms: 0, worst: 0, gravest: 'normal' };
  /** Wall clock of its last message, milliseconds. */
  lastMessageAt: number | undefined;
  /** Of the last request that was decided. */
  requestNumber: number;
  /** Whether a deadline may run, or a slot is open: only then the clock has to be told. */
  needsClock = true;
  readonly ticker = new Ticker();
  /** What is judged now, or was judged last. */
  breaking: Arrival | undefined;
  private readonly arrivals = new Subject<Arrival>();
  private readonly subscription: Subscription;

  constructor(options: UnitOptions) {
    const { spacecraft, running, config, restored, now } = options;
    const { kept, resumed } = restored;
    this.spacecraft = spacecraft;
    this.running = running;
    this.topics = topicsOf(config.mqtt.baseTopic, spacecraft);
    this.vitals = new Vitals(config.mode);
    this.status = new DaemonStatus(now());
    this.status.resume(resumed);
    const keptMode = kept.memory['mode'];
    if (keptMode === 'passive' || keptMode === 'disabled') this.vitals.switchTo(keptMode);
    const number = kept.memory[REQUEST_NUMBER];
    this.requestNumber = typeof number === 'number' ? number : 0;
    const mission = missionFor(running, spacecraft);
    this.packets = packetTelemetryFor(running, mission, resumed);
    const judged = this.arrivals.pipe(
      judge({
        mission,
        model: modelFor(running, mission),
        program: running.member.program,
        response: { mode: config.mode, latchFrom: config.latchAlarms, isAnswered: true, kept },
        resumed,
        rememberedPackets: REMEMBERED_PACKETS,
        diagnostics: {
          dropped: (drops) => {
            options.onDropped(this, drops);
          },
          vital: (part, works, detail = '') => {
            this.report(part, works, detail, options);
          },
        },
      }),
      withTally(resumed.tally),
    );
    this.subscription = judged.subscribe({
      next: (outcome) => {
        options.onOutcome(this, outcome, outcome.endsBase !== undefined);
      },
      error: (error: unknown) => {
        options.onBroken(this, error);
      },
    });
  }

  /** One at a time: the next one when the outcome of this one has come. */
  take(arrival: Arrival): void {
    this.breaking = arrival;
    this.arrivals.next(arrival);
  }

  /** What is known once an outcome is committed. */
  committed({ tally, packetTime, ledger, memory }: UnitOutcome): void {
    this.status.tally = tally;
    this.status.packetTime = packetTime ?? this.status.packetTime;
    const mode = modeIn(ledger);
    if (mode !== undefined) this.vitals.switchTo(mode);
    const { anomalies, response, frames } = memory ?? {};
    const open = anomalies?.tracker.open ?? [];
    const alarms = response?.alarms.alarms ?? [];
    this.open = {
      anomalies: open.length,
      alarms: alarms.length,
      worst: open.reduce((worst, { reported }) => Math.max(worst, reported.score), 0),
      gravest: gravestStatus(alarms.map(alarmStatus)),
    };
    const isSlotOpen = (frames?.open.size ?? 0) > 0 || frames?.suspect !== undefined;
    this.needsClock = isSlotOpen || alarms.length > 0 || (response?.supervisor.recoveries.length ?? 0) > 0;
  }

  stop(): void {
    this.subscription.unsubscribe();
  }

  private report(part: VitalPart, works: boolean, detail: string, { onVital }: UnitOptions): void {
    const wasWorking = !this.vitals.impaired.includes(part);
    if (wasWorking !== works) onVital(this, part, works, detail);
  }
}
