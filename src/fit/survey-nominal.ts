/** What the nominal recordings give: windows, how they are dealt out, conditions, scaling. Tells what was left out of them. */
import { FdirError } from '../domain/errors';
import type { Window } from '../domain/telemetry';
import { heldParameters } from './conditions';
import { isShort } from './cross-fit';
import type { FitRequest } from './fit-request';
import type { Scaling } from './graph/front';
import { layoutOf, type Layout } from './layout';
import {
  describeUnusable,
  FEWEST_WINDOWS,
  scalingOf,
  splitNominal,
  tooFewWindows,
  unusableOf,
  windowsOf,
  type NominalSplit,
} from './nominal-windows';
import { PLAIN_RULE, SUSTAINED_RULE, type ThresholdRule } from './threshold';

export interface NominalSurvey {
  readonly passes: readonly (readonly Window[])[];
  readonly all: readonly Window[];
  readonly layout: Layout;
  readonly split: NominalSplit;
  readonly scaling: Scaling;
  /** Whether windows are few for the samples that one has. */
  readonly short: boolean;
  readonly strideMs: number;
  readonly rule: ThresholdRule;
}

const tellShort = ({ layout, all, short }: Pick<NominalSurvey, 'layout' | 'all' | 'short'>): string[] =>
  short
    ? [
        `${String(all.length)} nominal windows of ${String(layout.parameters * layout.frames)} samples are few: each block of them is scored by a model of the others`,
      ]
    : [];

/** @throws FdirError `input` when there are too few windows, or nothing in them changes. */
export const surveyNominal = ({
  mission,
  nominal,
  method,
  report,
}: Pick<FitRequest, 'mission' | 'nominal' | 'method' | 'report'>): NominalSurvey => {
  report('cutting windows');
  const { parameters, sampling } = mission;
  const idOf = (index: number): string => parameters[index]?.id ?? '';
  const infers = method === 'equipment';
  const passes = nominal.map(({ assembled }) => windowsOf(mission, assembled, infers));
  const all = passes.flat();
  const layout = layoutOf(mission, infers ? heldParameters(all, parameters.length, sampling.window) : []);
  const { conditions } = layout;
  if (conditions.length > 0) report(`conditions, never scored: ${conditions.map(idOf).join(', ')}`);
  const assembled = nominal.map((pass) => pass.assembled);
  const lost = describeUnusable(unusableOf(mission, assembled));
  for (const line of lost) report(`nominal recordings: ${line}`);
  const short = infers && isShort(all.length, layout);
  if (infers && all.length < FEWEST_WINDOWS) throw tooFewWindows(all.length, mission, lost);
  const split = infers ? { shape: all, calibration: all, conformal: [all] } : splitNominal(passes, mission, lost);
  for (const line of tellShort({ layout, all, short })) report(line);
  const { constant, ...scaling } = scalingOf(
    split.shape.map(({ values }) => values),
    layout.parameters,
    layout.frames,
  );
  if (constant.length === layout.parameters) {
    throw new FdirError(
      'input',
      'no parameter ever changes in the nominal recordings: there is nothing to learn from them',
    );
  }
  for (const index of constant)
    report(`parameter ${idOf(index)} never changes in the nominal recordings: any change will count as anomalous`);
  const rule = !infers ? PLAIN_RULE : short ? { ...SUSTAINED_RULE, farthest: 1 } : SUSTAINED_RULE;
  return { ...{ passes, all, layout, split, scaling, short, rule }, strideMs: sampling.stride * sampling.periodMs };
};
