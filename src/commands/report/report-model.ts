/** What the page shows of one package. */
import type { Anomaly } from '../../core/anomaly/anomaly-tracker';
import type { EventMatch } from '../../core/metrics/event-counts';
import type { Mission } from '../../domain/mission';
import type { MeanConceptogram } from '../../fit/evaluate/evaluate-conceptograms';
import type { EvaluatedWindow } from '../../fit/evaluate/evaluate-pass';
import type { WindowMode } from '../../fit/evaluate/evaluate-windows';
import type { Evaluation } from '../../fit/evaluate/evaluation';
import type { LabelledPass } from '../evaluate-inputs';

export interface ReportedAnomaly {
  readonly anomaly: Anomaly;
  readonly sentence: string;
}

export interface ReportModel {
  readonly evaluation: Evaluation;
  readonly windows: readonly EvaluatedWindow[];
  readonly anomalies: readonly ReportedAnomaly[];
  /** One for each label of the pass. */
  readonly matches: readonly EventMatch[];
  readonly conceptograms: readonly MeanConceptogram[];
}

export interface EvaluationReport {
  readonly mission: Mission;
  readonly mode: WindowMode;
  readonly pass: LabelledPass;
  /** The package, and the baseline when there is one. */
  readonly models: readonly ReportModel[];
}
