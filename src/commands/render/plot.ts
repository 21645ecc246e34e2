/** Small plots for a terminal: what was measured and what was expected, one above the other on the same scale. */
import { parameterTitle, type Mission } from '../../domain/mission';
import type { Explanation } from '../../domain/explanation';
import type { Look } from './look';
import { shortParameter, timeOfDay, unitsOf } from './text';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LABEL_WIDTH = 10;
/** Parameters that are shown; the rest carries little. */
const MOST_PLOTS = 4;

/** One sign a sample; a missing one is a blank. */
const line = (values: readonly (number | null)[], low: number, high: number): string =>
  values
    .map((value) => {
      if (value === null) return ' ';
      const level = high === low ? 0 : Math.round(((value - low) / (high - low)) * (LEVELS.length - 1));
      return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, level))] ?? ' ';
    })
    .join('');

/** As many samples as there is room for, evenly. */
const thinned = <T>(values: readonly T[], most: number): readonly T[] =>
  values.length <= most
    ? values
    : Array.from({ length: most }, (_, index) => values[Math.round((index * (values.length - 1)) / (most - 1))] as T);

const short = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

/** The contributing parameters over the freeze frame. */
export const renderPlots = (
  mission: Mission,
  { attribution, freezeFrame }: Explanation,
  look: Look,
): readonly string[] => {
  const room = look.width - LABEL_WIDTH;
  const plots = attribution.slice(0, MOST_PLOTS).flatMap(({ parameter }): string[] => {
    const measured = freezeFrame.parameters[parameter] ?? [];
    const expected = freezeFrame.expected[parameter] ?? [];
    const all = [...measured, ...expected].filter((value) => value !== null);
    if (all.length === 0) return [];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const title = mission.parameters.some(({ id }) => id === parameter)
      ? shortParameter(mission, parameter)
      : parameter;
    const range = `${short(low)} to ${short(high)}${unitsOf(mission, parameter)}`;
    return [
      `${title === '' ? parameterTitle(mission, parameter) : title}  ${look.paint('faint', range)}`,
      'measured'.padEnd(LABEL_WIDTH) + look.paint('high', line(thinned(measured, room), low, high)),
      'expected'.padEnd(LABEL_WIDTH) + look.paint('good', line(thinned(expected, room), low, high)),
    ];
  });
  if (plots.length === 0) return ['no samples were kept'];
  const span = `${timeOfDay(freezeFrame.from)} to ${timeOfDay(freezeFrame.to)}, the worst window`;
  return [...plots, look.paint('faint', span)];
};
