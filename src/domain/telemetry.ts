/** Samples, frames, windows and labels: telemetry on its way through the program. Times are milliseconds since 1970 UTC, packet time. */

/** One value of one parameter at one time, engineering units. */
export interface Sample {
  readonly parameter: string;
  readonly time: number;
  readonly value: number;
}

/** What one message carries: values of one instant, not necessarily of every parameter. */
export interface PartialFrame {
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
}

/** All parameters at one instant of the sampling grid, in mission order; NaN where there is no usable value. */
export interface Frame {
  readonly time: number;
  readonly values: Float64Array;
}

/** Consecutive frames, the model's input: `values` is [parameters, frames], row-major, engineering units. */
export interface Window {
  readonly start: number;
  readonly end: number;
  readonly values: Float32Array;
  /** Parameters that make it unscored (stale or never seen); empty when it can be scored. */
  readonly unusable: readonly string[];
  /** Cells (row * frames + column) that were not measured and have a stand-in, for models that infer nothing. */
  readonly holes?: readonly number[];
  /** Cells (row * frames + column) that a declared effect of a telecommand explains; left out: none. */
  readonly expected?: readonly number[] | undefined;
  /** 1 where the sample was measured, 0 where it was held or is missing, [parameters, frames]; left out: not known. */
  readonly measured?: Uint8Array;
  /** Running summaries up to the window's end (core/telemetry/summaries.ts), [parameters, SUMMARIES]; left out: not kept. */
  readonly memory?: Float32Array;
}

/** A labelled interval, both ends inclusive; `equipment` and `fault` may be empty. */
export interface Label {
  readonly start: number;
  readonly end: number;
  readonly equipment: string;
  readonly fault: string;
}

/** The spacecraft's operating mode from a packet time on, as the topic `mode` or a modes file says. */
export interface ModeChange {
  readonly time: number;
  readonly mode: string;
}
