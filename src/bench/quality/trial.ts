/**
 * What an adapter of a data set says: which files are nominal, which teach, which are judged, and how they are split. It never says a
 * setting: every figure is that of the defaults.
 */
import type { QualityWorkshop } from './workshop';

/** A recording that is judged. */
export interface JudgedFile {
  /** The row of the table that it belongs to; recordings of one row are judged together. */
  readonly row: string;
  readonly pass: string;
  readonly labels?: string;
  /** Blocks that are a case each; left out: a stream, as the daemon sees it. */
  readonly isIndependent?: boolean;
  /** Nominal recordings that give the threshold for 1 % of their windows; left out: the package's own threshold. */
  readonly thresholdFrom?: readonly string[];
  /** What is labelled are no faults: an alarm on one is wrong. */
  readonly isBenign?: boolean;
}

/** One package, and what it is judged on. */
export interface Trial {
  /** `valve1-0`, `fold 2 of 5`; told as progress. */
  readonly name: string;
  /** Mission file. */
  readonly mission: string;
  readonly nominal: readonly string[];
  readonly taught?: readonly { readonly pass: string; readonly labels: string }[];
  /** A detector that somebody trained, where the data set has one. */
  readonly detector?: string;
  /** A package that is judged as it is; nothing is fitted. */
  readonly model?: string;
  readonly methods?: readonly Method[];
  readonly judged: readonly JudgedFile[];
}

export type Method = 'equipment' | 'paper';

export interface DataSet {
  /** Folder name under `--data`, or `wheels` for the project's own simulator. */
  readonly name: string;
  /** Writes what it has to (cut files, drafted missions) into the workshop. @param data folder of the recordings. */
  readonly prepare: (workshop: QualityWorkshop, data: string) => Promise<readonly Trial[]>;
}
