/** What a surveyed parameter seems to be, and the range its values may be believed in. */
import { FEWEST_SWITCHES, HIGHEST_STATE, MAX_STATES } from './states';
import type { ParameterSurvey } from './survey';

export type ParameterNature =
  | 'empty' // no value in any recording
  | 'constant'
  | 'event' // a flag or mode, or sent on change only
  | 'counter' // only ever rises
  | 'measured';

/** A mode that changes more often than every tenth sample is a coarse measurement. */
const MODE_CHANGES = 0.1;
/** A flag is 0 or 1, but one that changes at every other sample is sent, not switched. */
const FLAG_CHANGES = 0.5;
/** Sent on change: in fewer than half of the frames, at no fixed step, and nearly always with a new value. */
const SPARSE = 0.5;
const NEW_VALUES = 0.9;
/** Fewer rises in a row than this may be chance. */
const FEWEST_RISES = 20;

const isState = ({ min, max, decimals, distinct, changes, count }: ParameterSurvey): boolean => {
  if (decimals > 0 || min < 0 || max > HIGHEST_STATE) return false;
  if (max <= 1) return changes <= FLAG_CHANGES * count;
  return distinct <= MAX_STATES && changes <= MODE_CHANGES * count;
};

const isSentOnChange = ({ count, missing, changes, regularShare }: ParameterSurvey): boolean =>
  count < SPARSE * (count + missing) && regularShare < SPARSE && changes >= NEW_VALUES * (count - 1);

export const natureOf = (parameter: ParameterSurvey): ParameterNature => {
  const { count, min, max, changes, falls } = parameter;
  if (count === 0) return 'empty';
  if (min === max) return 'constant';
  if (isState(parameter) || isSentOnChange(parameter)) return 'event';
  return falls === 0 && changes >= FEWEST_RISES && changes >= NEW_VALUES * (count - 1) ? 'counter' : 'measured';
};

/**
 * Whether a first mission does without it: a model can only call a change of it strange. A whole number that never changed, or hardly
 * ever, is mostly a command that was not sent. It stays if it sets the level of something, which looks wrong without it. A counter leaves
 * the values it was learnt on for good. A fraction that stays the same is a measurement, and that it changes is what people want to hear.
 */
export const isLeftOut = (parameter: ParameterSurvey): boolean => {
  const nature = natureOf(parameter);
  if (nature === 'constant') return parameter.decimals === 0;
  if (nature === 'event') return parameter.changes < FEWEST_SWITCHES && parameter.explains === undefined;
  return nature !== 'measured';
};

/** What a first mission watches; whatever changes at all when everything would be left out. */
export const watchedOf = (parameters: readonly ParameterSurvey[]): readonly ParameterSurvey[] => {
  const watched = parameters.filter((parameter) => !isLeftOut(parameter));
  return watched.length > 0 ? watched : parameters.filter(({ changes }) => changes > 0);
};

/**
 * The valid range reaches this many times the observed width, or the largest observed magnitude when that is more, beyond the
 * observed values. A sample outside it is never scored, so it must be far wider than any fault. A failing bearing shakes ten
 * times as much as it did, and a healthy one hardly varied.
 */
export const VALID_MARGIN = 10;

/** Two significant digits of the width are all a guessed bound can claim. */
const roundOutward = (value: number, width: number, round: (value: number) => number): number => {
  const exponent = Math.floor(Math.log10(width)) - 1;
  // A power of ten below 1 is not exact, its inverse is.
  const rounded =
    exponent < 0 ? round(value * 10 ** -exponent) / 10 ** -exponent : round(value / 10 ** exponent) * 10 ** exponent;
  return Number.isFinite(rounded) ? rounded : value;
};

const clamp = (value: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));

/** A range that holds every observed value, and most that a fault could make; undefined where a range would only do harm. */
export const guessValid = (parameter: ParameterSurvey): readonly [number, number] | undefined => {
  const nature = natureOf(parameter);
  // A flag seen only at 0, or a counter that goes on, would be invalid the first time it does something new.
  if (nature !== 'measured') return undefined;
  const { min, max } = parameter;
  const margin = clamp(VALID_MARGIN * Math.max(max - min, -min, max));
  const width = clamp(max - min + 2 * margin);
  const low = roundOutward(clamp(min - margin), width, Math.floor);
  const high = roundOutward(clamp(max + margin), width, Math.ceil);
  // Rounding at the ends of what a double can hold must not cut into what was seen.
  return [Math.min(low, min), Math.max(high, max)];
};

/** Values this many times the middle 98 % away from it are rather placeholders than measurements. */
const FAR_AWAY = 20;

/** An observed value so far from the others that it may stand for "no value"; undefined without one. */
export const suspectedPlaceholder = (parameter: ParameterSurvey): number | undefined => {
  const { min, max, quantiles, fillValues } = parameter;
  // What comes again and again is told as such.
  if (natureOf(parameter) !== 'measured' || fillValues.length > 0) return undefined;
  const [low, , high] = quantiles;
  const spread = high - low;
  if (spread <= 0) return undefined;
  const [below, above] = [low - min, max - high];
  if (Math.max(below, above) <= FAR_AWAY * spread) return undefined;
  return below > above ? min : max;
};
