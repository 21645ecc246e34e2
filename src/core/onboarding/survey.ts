/** Statistics of recordings of an unknown spacecraft, gathered in one pass over their frames: what a first mission file is written from. */
import type { PartialFrame } from '../../domain/telemetry';
import { FlagEffects } from './flag-effects';
import { isRegular, StepSurvey } from './step-counts';
import { ValueCounter, type ValueSurvey } from './value-survey';

export interface ParameterSurvey extends ValueSurvey {
  readonly id: string;
  /** Samples fewer than the fullest parameter of the same recordings has. */
  readonly missing: number;
  /** Its own sampling period, milliseconds; undefined with fewer than two samples in every recording. */
  readonly periodMs: number | undefined;
  /** Share of its steps that are one such period. */
  readonly regularShare: number;
  /** Of a flag that switched a few times only: a parameter whose level it sets. */
  readonly explains?: string;
}

export interface RecordingSurvey {
  readonly file: string;
  /** Samples of the fullest parameter. */
  readonly frames: number;
  /** First and last packet time, milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly periodMs: number | undefined;
  /** Share of the fullest parameter's steps that are neither one sampling period nor a gap. */
  readonly irregularShare: number;
  /** Silences of all parameters longer than `GAP_PERIODS` periods. */
  readonly gaps: number;
  /** The longest of them; undefined without gaps. */
  readonly longestGap: { readonly from: number; readonly durationMs: number } | undefined;
  /** Frames earlier than one before them; their values count, their times do not. */
  readonly backwards: number;
}

export interface Survey {
  /** Sampling period of the mission, milliseconds; undefined when no parameter has two samples. */
  readonly periodMs: number | undefined;
  /** In order of first appearance. */
  readonly parameters: readonly ParameterSurvey[];
  readonly recordings: readonly RecordingSurvey[];
}

/** The same patience a mission has with a parameter that declares none (`staleAfterMs`). */
export const GAP_PERIODS = 2.5;

interface Cadence {
  readonly steps: StepSurvey;
  count: number;
  lastTime: number | undefined;
}

class RecordingCounter {
  readonly cadences = new Map<string, Cadence>();
  readonly silences = new StepSurvey();
  start = Infinity;
  end = -Infinity;
  longest = { from: NaN, durationMs: 0 };
  backwards = 0;

  constructor(readonly file: string) {}

  take({ time, values }: PartialFrame): void {
    this.start = Math.min(this.start, time);
    if (time < this.end) this.backwards += 1;
    if (time > this.end && this.end !== -Infinity) {
      const durationMs = time - this.end;
      this.silences.add(durationMs);
      if (durationMs > this.longest.durationMs) this.longest = { from: this.end, durationMs };
    }
    this.end = Math.max(this.end, time);
    for (const id of Object.keys(values)) {
      let cadence = this.cadences.get(id);
      if (cadence === undefined)
        this.cadences.set(id, (cadence = { steps: new StepSurvey(), count: 0, lastTime: undefined }));
      cadence.count += 1;
      if (cadence.lastTime !== undefined && time > cadence.lastTime) cadence.steps.add(time - cadence.lastTime);
      if (cadence.lastTime === undefined || time > cadence.lastTime) cadence.lastTime = time;
    }
  }

  /** The parameter with the most samples: it shows when frames came. */
  fullest(): Cadence {
    let fullest: Cadence = { steps: new StepSurvey(), count: 0, lastTime: undefined };
    for (const cadence of this.cadences.values()) if (cadence.count > fullest.count) fullest = cadence;
    return fullest;
  }

  result(missionPeriodMs: number | undefined): RecordingSurvey {
    const { steps, count } = this.fullest();
    const period = missionPeriodMs ?? Infinity;
    const isGap = (stepMs: number): boolean => stepMs > GAP_PERIODS * period;
    const gaps = this.silences.count(isGap);
    const irregular = steps.count((step) => !isRegular(step, period) && !isGap(step));
    return {
      file: this.file,
      frames: count,
      start: this.start,
      end: this.end,
      periodMs: steps.period(),
      irregularShare: steps.total === 0 ? 0 : irregular / steps.total,
      gaps,
      longestGap: gaps === 0 ? undefined : this.longest,
      backwards: this.backwards,
    };
  }
}

/**
 * The period most parameters share, the shorter one where two are shared by as many. A parameter that comes less often is held
 * between its samples. Samples that come more often would be thrown away.
 */
const sharedPeriod = (parameters: readonly ParameterSurvey[]): number | undefined => {
  const votes = new Map<number, number>();
  // A parameter sent on change has steps but no period; it votes only when all are like it.
  const regular = parameters.filter(({ regularShare }) => regularShare >= 0.5);
  for (const { periodMs } of regular.length > 0 ? regular : parameters)
    if (periodMs !== undefined) votes.set(periodMs, (votes.get(periodMs) ?? 0) + 1);
  return [...votes].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0];
};

/** Takes the frames of one recording after another. */
export class SurveyCounter {
  private readonly values = new Map<string, ValueCounter>();
  private readonly recordings: RecordingCounter[] = [];
  private readonly effects = new FlagEffects();

  startRecording(file: string): void {
    this.recordings.push(new RecordingCounter(file));
    for (const counter of this.values.values()) counter.startRecording();
    this.effects.startRecording();
  }

  /** A column exists, with or without values. */
  declare(id: string): void {
    if (!this.values.has(id)) this.values.set(id, new ValueCounter());
  }

  take(frame: PartialFrame): void {
    this.recordings.at(-1)?.take(frame);
    this.effects.take(frame);
    for (const [id, value] of Object.entries(frame.values)) {
      this.declare(id);
      this.values.get(id)?.add(value);
    }
  }

  /** `periodMs`: as the user says, instead of the one the recordings suggest. */
  result(periodMs?: number): Survey {
    const fullest = this.recordings.reduce((sum, recording) => sum + recording.fullest().count, 0);
    const explained = this.effects.explained();
    const parameters = [...this.values].map(([id, counter]): ParameterSurvey => {
      const steps = new StepSurvey();
      for (const recording of this.recordings) {
        const own = recording.cadences.get(id);
        if (own !== undefined) steps.addAll(own.steps);
      }
      const period = steps.period();
      const regular = steps.count((step) => isRegular(step, period ?? Infinity));
      const values = counter.result();
      const explains = explained.get(id);
      return {
        id,
        ...values,
        ...(explains !== undefined && { explains }),
        missing: fullest - values.count,
        periodMs: period,
        regularShare: steps.total === 0 ? 0 : regular / steps.total,
      };
    });
    const shared = periodMs ?? sharedPeriod(parameters);
    return { periodMs: shared, parameters, recordings: this.recordings.map((recording) => recording.result(shared)) };
  }
}
