/** What people see of the mission and of the model that judges. */
import type { Manifest } from '../../domain/manifest';
import { equipmentIds, equipmentTitle, parameterTitle, type Mission } from '../../domain/mission';
import { NOMINAL } from '../../domain/explanation';
import type { ModelView } from '../api/model';
import type { MissionView } from '../api/overview';

export type ShownManifest = Omit<Manifest, 'golden'>;

/** JSON has no infinity: an open end is null. */
const endOf = (bound: number): number | null => (Number.isFinite(bound) ? bound : null);
const pair = (range: readonly [number, number] | undefined): [number | null, number | null] | null =>
  range === undefined ? null : [endOf(range[0]), endOf(range[1])];

/** Warning and critical limits of a parameter. */
export const limitsOf = (mission: Mission, id: string) => {
  const limits = mission.parameters.find((item) => item.id === id)?.limits;
  return { warning: pair(limits?.warning), critical: pair(limits?.critical) };
};

export const missionView = (mission: Mission, manifest: ShownManifest | undefined): MissionView => {
  const titles = new Map((mission.faults ?? []).map(({ id, title }) => [id, title]));
  const task = manifest?.tasks.find(({ name }) => name === manifest.verdictTask);
  const classes = task?.classes.filter((name) => name !== NOMINAL) ?? [...titles.keys()];
  return {
    spacecraft: mission.spacecraft,
    title: mission.title ?? mission.spacecraft,
    periodSeconds: mission.sampling.periodMs / 1000,
    windowFrames: mission.sampling.window,
    equipment: equipmentIds(mission).map((id) => ({ id, title: equipmentTitle(mission, id) })),
    parameters: mission.parameters.map(({ id, units, equipment, modulus }) => ({
      id,
      title: parameterTitle(mission, id),
      units: units ?? null,
      equipment: equipment ?? null,
      modulus: modulus ?? null,
      ...limitsOf(mission, id),
    })),
    faults: classes.map((id) => ({ id, title: titles.get(id) ?? id })),
    modes: [...(mission.modes?.names ?? [])],
  };
};

const number = (value: number): string => String(Number(value.toPrecision(3)));

/** The threshold in words, from how it was calibrated. */
export const thresholdMeaning = ({ calibration, sampling, method }: ShownManifest): string => {
  const { threshold, returnThreshold, persistence, falseAlarmsPerDay, calibrationWindows } = calibration;
  const stepSeconds = (sampling.stride * sampling.periodMs) / 1000;
  const score =
    method === 'equipment'
      ? `The score counts decades of surprise: ${number(threshold)} means that one nominal window in ${number(10 ** threshold)} scores as high.`
      : `The score is the detector's own; ${number(threshold)} is its threshold.`;
  return (
    `${score} An anomaly opens when ${String(persistence.k)} of ${String(persistence.n)} consecutive windows ` +
    `(one every ${number(stepSeconds)} s) reach ${number(threshold)}, and is over when they stay under ` +
    `${number(returnThreshold)}. Set so that nominal telemetry opens at most ${number(falseAlarmsPerDay)} a day, ` +
    `as counted over ${calibrationWindows.toLocaleString('en-GB')} nominal windows that nothing else was fitted on.`
  );
};

export const modelView = (manifest: ShownManifest): ModelView => {
  const { calibration, sampling, fittedOn } = manifest;
  return {
    id: manifest.id,
    sha256: manifest.sha256,
    spacecraft: manifest.spacecraft,
    method: manifest.method,
    detector: manifest.detector,
    parameters: manifest.parameters,
    equipment: manifest.equipment,
    periodSeconds: sampling.periodMs / 1000,
    windowFrames: sampling.window,
    strideFrames: sampling.stride,
    taps: manifest.taps,
    tasks: manifest.tasks.map(({ name, tap, classes }) => ({
      name,
      tap,
      classes,
      isVerdict: name === manifest.verdictTask,
    })),
    threshold: {
      value: calibration.threshold,
      returnValue: calibration.returnThreshold,
      k: calibration.persistence.k,
      n: calibration.persistence.n,
      falseAlarmsPerDay: calibration.falseAlarmsPerDay,
      confidenceFloor: calibration.confidenceFloor,
      calibrationWindows: calibration.calibrationWindows,
      meaning: thresholdMeaning(manifest),
      budgets: calibration.budgets,
    },
    fittedOn: {
      passes: fittedOn.passes.map(({ file, frames }) => ({ file, frames })),
      seed: fittedOn.seed,
      tool: fittedOn.tool,
    },
    quality: manifest.quality,
  };
};
