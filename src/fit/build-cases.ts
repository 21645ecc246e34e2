/** The calibration set: faults injected into nominal windows, and those that labelled passes teach. */
import { createRandom } from '../core/random';
import { FdirError } from '../domain/errors';
import {
  describeUseless,
  injectedCases,
  INTENSITIES,
  labelledCases,
  PUBLISHED_INTENSITIES,
  type Case,
} from './calibration-set';
import type { Window } from '../domain/telemetry';
import { isFaultClass } from './faults/fault-classes';
import type { FitRequest } from './fit-request';
import type { Scaling } from './graph/front';
import type { Layout } from './layout';
import { windowsOf } from './nominal-windows';

/** @throws FdirError `input` when a class has no window, or a labelled pass teaches nothing. */
export const buildCases = (
  request: FitRequest,
  faults: readonly string[],
  { layout, scaling }: { readonly layout: Layout; readonly scaling: Scaling },
  nominal: readonly Window[],
): Case[] => {
  const random = createRandom(request.settings.seed).fork('cases');
  const isPaper = request.method === 'paper';
  const injected = injectedCases(
    nominal,
    faults,
    { layout, scaling },
    {
      perClass: request.casesPerClass,
      intensities: isPaper ? PUBLISHED_INTENSITIES : INTENSITIES,
      varied: !isPaper,
    },
    random,
    (message) => {
      request.report(message);
    },
  );
  const labelled = request.labelled.flatMap(({ pass, labels }) => {
    const windows = windowsOf(request.mission, pass.assembled);
    for (const line of describeUseless(windows, labels, faults, layout)) request.report(`${pass.file}: ${line}`);
    const own = labelledCases(windows, labels, faults, layout);
    if (own.length === 0)
      throw new FdirError('input', `${pass.file} teaches nothing: none of its labels gives a window`, [
        ...describeUseless(windows, labels, faults, layout).map((message) => ({ file: pass.file, message })),
        ...(labels.length === 0 ? [{ file: pass.file, message: 'its labels file holds no label' }] : []),
      ]);
    return own;
  });
  const cases = [...injected, ...labelled];
  const absent = faults.filter((_, index) => !cases.some(({ fault }) => fault === index));
  if (absent.length > 0) {
    const how = absent.map((fault) => ({
      message: `"${fault}" ${isFaultClass(fault) ? 'could not be injected' : 'is no class of the fault library and no labelled pass has it'}: give --labelled PASS --labels L with it, or remove it from the mission's faults`,
    }));
    throw new FdirError('input', 'some fault classes have no calibration windows', how);
  }
  return cases;
};
