/** Writes passes and labels in the form of CONTRACTS section 2. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { trimDecimals } from '../../core/decimals';
import { describeError, FdirError } from '../../domain/errors';
import type { Mission, Parameter } from '../../domain/mission';
import type { Frame, Label } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';

/** Decimals that keep a digit below usual sensor noise; six for units not listed. */
const DECIMALS_BY_UNIT: Readonly<Record<string, number>> = { rpm: 1, mNm: 2, A: 3, degC: 2, V: 3, W: 2, Nm: 5 };
const OTHER_DECIMALS = 6;
/** Text is gathered up to this many characters between writes. */
const CHUNK_CHARACTERS = 1 << 20;

/** Fixed decimals by the parameter's units, without trailing zeros or a negative zero; empty for a missing sample. */
export const formatValue = (value: number, units: string | undefined): string => {
  if (!Number.isFinite(value)) return '';
  const short = trimDecimals(value.toFixed(DECIMALS_BY_UNIT[units ?? ''] ?? OTHER_DECIMALS));
  return short === '-0' ? '0' : short;
};

/** Header line: `time` and the parameters in order. */
export const passHeader = (parameters: readonly Parameter[]): string =>
  ['time', ...parameters.map(({ id }) => id)].join(',');

/** One line of a pass; values in the order of `parameters`. */
export const passLine = (parameters: readonly Parameter[], { time, values }: Frame): string =>
  [isoTime(time), ...parameters.map(({ units }, index) => formatValue(values[index] ?? NaN, units))].join(',');

/** The whole file of labels, one line each. */
export const labelsText = (labels: readonly Label[]): string =>
  [
    'start,end,equipment,fault',
    ...labels.map(({ start, end, equipment, fault }) => [isoTime(start), isoTime(end), equipment, fault].join(',')),
  ]
    .map((line) => `${line}\n`)
    .join('');

const writeChunks = (file: string, chunks: Iterable<string>): void => {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'w');
    for (const chunk of chunks) writeSync(descriptor, chunk);
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('runtime', `cannot write ${file}: ${describeError(error)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};

/**
 * Lines of a pass as text of about a megabyte each, so that a pass of any length is written in bounded memory.
 * @param onFrames is told how many frames have been taken so far.
 */
export function* passChunks(
  mission: Mission,
  frames: Iterable<Frame>,
  onFrames: (count: number) => void = () => undefined,
): Generator<string, void, undefined> {
  let text = `${passHeader(mission.parameters)}\n`;
  let count = 0;
  for (const frame of frames) {
    text += `${passLine(mission.parameters, frame)}\n`;
    count += 1;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    onFrames(count);
    text = '';
  }
  yield text;
  onFrames(count);
}

/** Writes a pass; values of the frames in mission order. @throws FdirError `runtime` when the file cannot be written. */
export const writePass = (
  file: string,
  mission: Mission,
  frames: Iterable<Frame>,
  onFrames?: (count: number) => void,
): void => {
  writeChunks(file, passChunks(mission, frames, onFrames));
};

/** @throws FdirError `runtime` when the file cannot be written. */
export const writeLabels = (file: string, labels: readonly Label[]): void => {
  writeChunks(file, [labelsText(labels)]);
};
