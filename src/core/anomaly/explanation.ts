/** Puts one revision of an anomaly into the record of CONTRACTS section 7. */
import type { Explanation, Peephole } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { Mission } from '../../domain/mission';
import { readReliability } from '../../domain/reliability';
import type { Telecommand } from '../../domain/telecommand';
import { isoTime } from '../../domain/units';
import type { Revision } from './anomaly-tracker';
import { attribute, validRanges } from './attribution';
import { commandPhrase, commandRecords, commandsOf, withPhrase } from './sent-commands';
import { cascadePhrase, writeSentence } from './sentence';
import { surroundingsOf, type RecentFrame } from './surroundings';
import { ownersOf } from './unfollowed';
import { verdictEquipment } from './verdict';

export interface ExplanationContext {
  readonly mission: Mission;
  readonly manifest: Manifest;
  readonly rulesSha256: string;
  /** Telecommands around the anomaly, oldest first; left out: none. */
  readonly commands?: readonly Telecommand[] | undefined;
}

const round = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** The mean peepholes of the anomaly's windows; of an equipment-shared tap, the row of the verdict's equipment. */
const conceptogramOf = (manifest: Manifest, equipment: string, posteriors: readonly Float64Array[]): Peephole[] =>
  manifest.tasks.map((task, index) => {
    const posterior = posteriors[index] ?? new Float64Array();
    const width = task.classes.length;
    const row = posterior.length > width ? Math.max(0, verdictEquipment(manifest).indexOf(equipment)) : 0;
    return {
      tap: task.tap,
      task: task.name,
      classes: [...task.classes],
      posterior: Array.from(posterior.subarray(row * width, (row + 1) * width), (value) =>
        Math.min(1, Math.max(0, round(value, 4))),
      ),
    };
  });

const seriesOf = (manifest: Manifest, values: Float32Array): Record<string, number[]> => {
  const frames = manifest.sampling.window;
  return Object.fromEntries(
    manifest.parameters.map((id, row) => [
      id,
      [...values.subarray(row * frames, (row + 1) * frames)].map((value) => round(value, 6)),
    ]),
  );
};

/**
 * Pure.
 *
 * @param sufficient was found by the counterfactual inferences.
 * @param leadUp the frames up to this revision; none where nobody keeps them.
 */
export const explain = (
  { mission, manifest, rulesSha256, commands = [] }: ExplanationContext,
  { anomaly, trigger, state, time }: Revision,
  sufficient: readonly string[],
  leadUp: readonly RecentFrame[] = [],
): Explanation => {
  const { worst, verdict } = anomaly;
  const start = isoTime(anomaly.start);
  const attribution = attribute(manifest, worst, {
    since: anomaly.start,
    valid: validRanges(mission.parameters),
    owners: ownersOf(mission.parameters),
  });
  const shown = attribution.map(({ parameter }) => parameter);
  const surroundings = surroundingsOf(mission, leadUp, shown);
  const { periodMs, window, stride } = manifest.sampling;
  const near = {
    windowMs: window * periodMs,
    lateMs: (stride - 1) * periodMs,
    concerning: commandsOf(mission, verdict.equipment),
  };
  return {
    schemaVersion: 1,
    id: anomaly.id,
    revision: anomaly.revision,
    state,
    spacecraft: mission.spacecraft,
    start,
    end: state === 'closed' ? isoTime(anomaly.lastHit) : null,
    trigger,
    detectedAt: isoTime(anomaly.detectedAt),
    revisedAt: isoTime(time),
    score: {
      value: round(worst.inference.score, 5),
      threshold: round(manifest.calibration.threshold, 5),
      pValue: round(worst.inference.pValue, 4),
    },
    verdict,
    conceptogram: conceptogramOf(manifest, verdict.equipment, anomaly.posteriors),
    attribution: [...attribution],
    sufficient: [...sufficient],
    sentence: withPhrase(
      writeSentence({ mission, start, verdict, attribution, reliability: readReliability(manifest.quality) }),
      `${commandPhrase(commands, anomaly.start, anomaly.detectedAt, near)}${cascadePhrase(mission, anomaly.cascade)}`,
    ),
    ...(commands.length > 0 && { commands: [...commandRecords(commands)] }),
    ...(anomaly.cascade !== undefined && { cascade: anomaly.cascade }),
    freezeFrame: {
      from: isoTime(worst.window.start),
      to: isoTime(worst.window.end),
      parameters: seriesOf(manifest, worst.window.values),
      reconstruction: seriesOf(manifest, worst.inference.reconstruction),
      expected: seriesOf(manifest, worst.inference.expected),
      ...(surroundings !== undefined && { surroundings }),
    },
    model: { id: manifest.id, sha256: manifest.sha256 },
    rules: { sha256: rulesSha256 },
  };
};
