/** Which parameters carry an anomaly, for a terminal: a bar for the share, sign and size of the deviation. */
import type { Attribution } from '../../domain/explanation';
import type { Mission } from '../../domain/mission';
import { bar } from './bars';
import type { Look } from './look';
import { percent, shortParameter, unitsOf } from './text';

const MAX_SHOWN = 4;
const BAR_WIDTH = 14;
/** Room for " -123.4 σ" and "  100 %". */
const NUMBERS_WIDTH = 18;

const sigma = (deviation: number): string => {
  const size = Math.abs(deviation);
  return `${deviation < 0 ? '-' : '+'}${size < 10 ? size.toFixed(1) : size.toFixed(0)} σ`;
};

/** Lines of at most `look.width` columns, the largest share first. */
export const renderAttribution = (
  mission: Mission,
  attribution: readonly Attribution[],
  { width, paint }: Look,
): readonly string[] => {
  const shown = attribution.slice(0, MAX_SHOWN);
  const nameWidth = Math.max(...shown.map(({ parameter }) => shortParameter(mission, parameter).length)) + 2;
  const left = width - nameWidth - BAR_WIDTH - NUMBERS_WIDTH;
  return shown.map(({ parameter, share, deviation, direction, measured, expected }) => {
    const units = unitsOf(mission, parameter);
    const values = [`  ${String(measured)}, expected ${String(expected)}${units}`, `  ${String(measured)}${units}`];
    return [
      shortParameter(mission, parameter).padEnd(nameWidth),
      paint(direction, bar(share, BAR_WIDTH).padEnd(BAR_WIDTH)),
      percent(share).padStart(7),
      paint('strong', sigma(deviation).padStart(10)),
      paint('faint', values.find((text) => text.length <= left) ?? ''),
    ]
      .join('')
      .trimEnd();
  });
};
