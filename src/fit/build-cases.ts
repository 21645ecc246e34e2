/** The calibration set: faults injected into nominal windows, and those that labelled passes teach. */
import { createRandom } from '../core/random';
import { FdirError } from '../domain/errors';
import { injectedCases, INTENSITIES, PUBLISHED_INTENSITIES, type Case } from './calibration-set';
import type { Window } from '../domain/telemetry';
import { isFaultClass } from '../domain/fault-classes';
import type { FitRequest } from './fit-request';
import type { Site } from './faulted-window';
import { describeUseless, labelledCases, uselessLabels, type LeftOutLabel } from './labelled-cases';
import { windowsOf } from './nominal-windows';

/** Fault classes, and windows with faults of them by index. */
interface BuiltCases {
  readonly faults: readonly string[];
  readonly cases: readonly Case[];
  /** Labels that teach nothing, each with its reason. */
  readonly leftOut: readonly LeftOutLabel[];
}

/**
 * Classes that nobody asked for are left out if this telemetry cannot have them.
 * @throws FdirError `input` when a class of the mission has no window, or a labelled pass teaches nothing.
 */
export const buildCases = (
  request: FitRequest,
  faults: readonly string[],
  site: Site,
  nominal: readonly Window[],
): BuiltCases => {
  const { layout } = site;
  const isPaper = request.method === 'paper';
  const injected = injectedCases(nominal, faults, site, {
    perClass: request.casesPerClass,
    intensities: isPaper ? PUBLISHED_INTENSITIES : INTENSITIES,
    varied: !isPaper,
    random: createRandom(request.settings.seed).fork('cases'),
    report: (message) => {
      request.report(message);
    },
  });
  const leftOut: LeftOutLabel[] = [];
  const passes = request.labelled.map(({ pass, labels }) => ({
    windows: windowsOf(request.mission, pass.assembled, !isPaper),
    labels,
  }));
  const taught = labelledCases(passes, faults, layout);
  request.labelled.forEach(({ pass: { file }, labels }, at) => {
    const useless = uselessLabels(passes[at]?.windows ?? [], labels, faults, layout);
    for (const line of describeUseless(useless)) request.report(`${file}: ${line}`);
    leftOut.push(...useless.map((one) => ({ pass: file, ...one })));
    if ((taught[at] ?? []).length > 0) return;
    throw new FdirError('input', `${file} teaches nothing: none of its labels gives a window`, [
      ...describeUseless(useless).map((message) => ({ file, message })),
      ...(labels.length === 0 ? [{ file, message: 'its labels file holds no label' }] : []),
    ]);
  });
  const cases = [...injected, ...taught.flat()];
  const absent = faults.filter((_, index) => !cases.some(({ fault }) => fault === index));
  if (absent.length > 0 && (request.mission.faults !== undefined || absent.length === faults.length)) {
    const how = absent.map((fault) => ({
      message: `"${fault}" ${isFaultClass(fault) ? 'could not be injected' : 'is no class of the fault library and no labelled pass has it'}: give --labelled PASS --labels L with it, or remove it from the mission's faults`,
    }));
    throw new FdirError('input', 'some fault classes have no calibration windows', how);
  }
  for (const fault of absent)
    request.report(`fault class "${fault}" cannot be injected into this telemetry: it is left out`);
  const kept = faults.filter((fault) => !absent.includes(fault));
  return {
    leftOut,
    faults: kept,
    cases: cases.map((item) => ({ ...item, fault: kept.indexOf(faults[item.fault] ?? '') })),
  };
};
