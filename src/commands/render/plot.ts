/** Small plots for a terminal: what was measured and what was expected, one above the other on the same scale. */
import { parameterTitle, type Mission } from '../../domain/mission';
import type { Explanation } from '../../domain/explanation';
import { stretchOf } from '../../core/anomaly/surroundings';
import { isoTime } from '../../domain/units';
import type { Look } from './look';
import { shortParameter, timeOfDay, unitsOf, wrap } from './text';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LABEL_WIDTH = 10;
/** Parameters that are shown; the rest carries little. */
const MAX_PLOTS = 4;

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

/** Under the plots: where the anomaly lies in them, and where it was detected. */
const ruler = (times: readonly number[], { start, end, detectedAt }: Explanation): string => {
  const [from, to] = [Date.parse(start), end === null ? Infinity : Date.parse(end)];
  const detected = Date.parse(detectedAt);
  const at = times.findIndex((time) => time >= detected);
  return times.map((time, index) => (index === at ? '◆' : time >= from && time <= to ? '━' : '·')).join('');
};

/** The contributing parameters over all that was kept of the anomaly. @param revisions in order. */
export const renderPlots = (mission: Mission, revisions: readonly Explanation[], look: Look): readonly string[] => {
  const newest = revisions.at(-1);
  if (newest === undefined) return [];
  const room = look.width - LABEL_WIDTH;
  const stretch = stretchOf(revisions);
  const plots = newest.attribution.slice(0, MAX_PLOTS).flatMap(({ parameter }): string[] => {
    const measured = stretch.parameters[parameter] ?? [];
    const expected = stretch.expected[parameter] ?? [];
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
  const { times } = stretch;
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0].map((time) => timeOfDay(isoTime(time)));
  const { from, to } = newest.freezeFrame;
  const span = `${first ?? ''} to ${last ?? ''}; ━ anomaly, ◆ detected; the worst window is ${timeOfDay(from)} to ${timeOfDay(to)}`;
  const marks = 'when'.padEnd(LABEL_WIDTH) + ruler(thinned(times, room), newest);
  return [...plots, marks, ...wrap(span, look.width).map((text) => look.paint('faint', text))];
};
