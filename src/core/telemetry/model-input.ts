/**
 * One row of input for a model: the window's values, which of them were measured, and what is remembered of the time before.
 * Models without memory take the values alone; a row of values alone counts as measured throughout, with nothing remembered.
 */
import type { Window } from '../../domain/telemetry';
import { SUMMARIES } from './summaries';

/** Floats of a full row. */
export const fullRow = (parameters: number, frames: number): number => parameters * (2 * frames + SUMMARIES);

/** A value that is no number would poison the whole window: the last usable one of its parameter stands in, marked as not measured. */
export const withoutHoles = (values: Float32Array, frames: number): Float32Array => {
  if (!values.some(Number.isNaN)) return values;
  const filled = values.slice();
  for (let from = 0; from < filled.length; from += frames) {
    const row = filled.subarray(from, from + frames);
    let last = row.find((value) => !Number.isNaN(value)) ?? 0;
    row.forEach((value, t) => {
      if (Number.isNaN(value)) row[t] = last;
      else last = value;
    });
  }
  return filled;
};

export type InputWindow = Pick<Window, 'values' | 'measured' | 'memory'>;

/** The row of a window, [parameters * (2 frames + SUMMARIES)]; the values alone where nothing else is known. */
export const inputOf = ({ values, measured, memory }: InputWindow): Float32Array => {
  if (measured === undefined || memory === undefined) return values;
  const frames = values.length / (memory.length / SUMMARIES);
  const row = new Float32Array(2 * values.length + memory.length);
  row.set(withoutHoles(values, frames));
  row.set(measured, values.length);
  row.set(memory, 2 * values.length);
  return row;
};

export interface ModelInputs {
  readonly values: Float32Array;
  readonly measured: Float32Array;
  readonly memory: Float32Array;
}

/** @param rows `n` rows, all full or all of values alone. @throws Error when they are neither: a program error. */
export const splitInput = (rows: Float32Array, n: number, parameters: number, frames: number): ModelInputs => {
  const size = parameters * frames;
  const width = rows.length / n;
  if (width === size) {
    const memory = new Float32Array(n * parameters * SUMMARIES);
    return { values: rows, measured: new Float32Array(rows.length).fill(1), memory };
  }
  if (width !== fullRow(parameters, frames))
    throw new Error(`a model row of ${String(width)} values, where ${String(fullRow(parameters, frames))} are due`);
  const cut = (from: number, length: number): Float32Array => {
    if (n === 1) return rows.subarray(from, from + length);
    const out = new Float32Array(n * length);
    for (let row = 0; row < n; row += 1)
      out.set(rows.subarray(row * width + from, row * width + from + length), row * length);
    return out;
  };
  return { values: cut(0, size), measured: cut(size, size), memory: cut(2 * size, parameters * SUMMARIES) };
};
