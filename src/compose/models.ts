/**
 * The models of a daemon: the live one, which can be swapped while nothing is under way, and the shadow beside it. What the
 * judgement holds is the slot, so that thresholds, verdicts and records are always those of the model that scored.
 */
import { inputOf } from '../core/telemetry/model-input';
import { createOnnxScorer } from '../adapters/model/onnx-scorer';
import { programFile } from '../adapters/host/package-root';
import { keepModelThread, startModelThread } from '../adapters/model/model-thread';
import type { LoadedConfig } from '../config/load-config';
import type { ModelPackage } from '../config/load-manifest';
import { feedsOf } from '../core/anomaly/cascade';
import { explain } from '../core/anomaly/explanation';
import type { Manifest } from '../domain/manifest';
import type { ScoredWindow } from '../domain/scored-window';
import type { Mission } from '../domain/mission';
import type { ShadowReport } from '../domain/shadow';
import type { Model } from '../pipeline/judge';
import { ModelSlot } from '../pipeline/model-slot';
import type { Scorer } from '../pipeline/ports';
import { Shadow } from '../pipeline/shadow';
import { anomalyLogic, type AnomalyLogic } from '../pipeline/with-anomalies';
import { findSufficient } from '../pipeline/counterfactual';

export interface ModelsOptions {
  /** Put around every live scorer. */
  readonly wrap: (scorer: Scorer) => Scorer;
  /** The live model computes in a thread of its own. */
  readonly inThread: boolean;
  /** Ends threads that are still starting. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every window that was scored; must not throw. */
  readonly seen?: ((scored: ScoredWindow) => void) | undefined;
}

/** With the thread of the model: the window it computes, and the next one. */
const AHEAD = 2;
/** The pipeline goes first where a core is short. */
const SHADOW_NICE = 10;
const threadFile = (): string => programFile('compose/model-worker.js');

type Packages = Pick<LoadedConfig, 'model' | 'manifest' | 'shadow'>;

/** A live model and a shadow that have proven themselves and do not work yet. */
export interface PreparedModels {
  readonly scorer: Scorer | undefined;
  readonly shadow: Shadow | undefined;
}

/** What the states of open anomalies are about: with another of these a model cannot take over from the one before. */
const shapeOf = ({ spacecraft, method, parameters, equipment, sampling, tasks, taps, verdictTask }: Manifest): string =>
  JSON.stringify([
    spacecraft,
    method,
    parameters,
    equipment,
    sampling,
    tasks,
    taps.map(({ name, perEquipment }) => [name, perEquipment]),
    verdictTask,
  ]);

/** Why a model cannot take over while the daemon runs; undefined when it can. */
export const swapRefusal = (running: Manifest | undefined, next: Manifest | undefined): string | undefined => {
  if (running === undefined && next === undefined) return undefined;
  if (running === undefined || next === undefined) return 'a model was added or taken away: that needs a restart';
  return shapeOf(running) === shapeOf(next)
    ? undefined
    : 'the model has other classes, equipment, taps or sampling than the running one: that needs a restart';
};

const liveScorer = async (
  model: ModelPackage,
  manifest: Manifest | undefined,
  { wrap, inThread, signal }: ModelsOptions,
): Promise<Scorer> =>
  wrap(
    inThread
      ? await keepModelThread(model, { file: threadFile(), name: 'model', manifest, signal })
      : await createOnnxScorer(model, manifest),
  );

export class Models {
  private constructor(
    /** The live scorer of this moment, under one identity. */
    readonly live: ModelSlot,
    private shadow: Shadow | undefined,
    private readonly options: ModelsOptions,
  ) {}

  /** @returns undefined without a model. @throws FdirError `model` when a package does not run here. */
  static async start(packages: Packages, options: ModelsOptions): Promise<Models | undefined> {
    const { model, manifest } = packages;
    if (model === undefined) return undefined;
    const models = new Models(new ModelSlot(await liveScorer(model, manifest, options)), undefined, options);
    try {
      models.shadow = await models.shadowFor(packages, models.live.manifest);
    } catch (error) {
      await models.close();
      throw error;
    }
    return models;
  }

  get report(): ShadowReport | undefined {
    return this.shadow?.report;
  }

  /** The parts of the judgement that know the model. */
  parts(mission: Mission, rulesSha256: () => string): Model {
    const { live } = this;
    const feeds = feedsOf(mission.equipment);
    const logic = (): AnomalyLogic => anomalyLogic(mission.spacecraft, live.manifest, feeds);
    return {
      scorer: live,
      ahead: this.options.inThread ? AHEAD : 1,
      seen: (scored) => {
        this.shadow?.see(scored.window.end, inputOf(scored.window), scored.inference);
        this.options.seen?.(scored);
      },
      anomalies: {
        track: (state, judged, base) => logic().track(state, judged, base),
        lose: (state, time) => logic().lose(state, time),
        close: (state, time) => logic().close(state, time),
      },
      explanations: {
        findSufficient: (scored) => findSufficient(live, mission, scored),
        explain: (revision, sufficient, leadUp, commands) => {
          const context = { mission, manifest: live.manifest, rulesSha256: rulesSha256(), commands };
          return explain(context, revision, sufficient, leadUp);
        },
      },
    };
  }

  /** Opens other packages, each proven on its golden vector. @throws FdirError `model`; what runs goes on as it was. */
  async prepare(next: Packages): Promise<PreparedModels> {
    const isSame = (next.manifest && JSON.stringify(next.manifest)) === JSON.stringify(this.live.manifest);
    const scorer =
      isSame || next.model === undefined ? undefined : await liveScorer(next.model, next.manifest, this.options);
    try {
      return { scorer, shadow: await this.shadowFor(next, scorer?.manifest ?? this.live.manifest) };
    } catch (error) {
      await scorer?.close();
      throw error;
    }
  }

  /** Only while nothing is under way. */
  async swap({ scorer, shadow }: PreparedModels): Promise<void> {
    const old = [
      scorer === undefined ? undefined : this.live.swap(scorer),
      shadow === this.shadow ? undefined : this.shadow,
    ];
    this.shadow = shadow;
    for (const part of old) await part?.close();
  }

  async close(): Promise<void> {
    await this.shadow?.close();
    await this.live.close();
  }

  /** The counts are about two models: while both stay, so do they; with either of them new they begin anew. */
  private async shadowFor({ shadow }: Packages, live: Manifest): Promise<Shadow | undefined> {
    if (shadow === undefined) return undefined;
    const known = this.shadow?.report;
    if (known?.shadow.sha256 === shadow.manifest.sha256 && known.live.sha256 === live.sha256) return this.shadow;
    const { signal } = this.options;
    const scorer = await startModelThread(shadow, { file: threadFile(), name: 'shadow', nice: SHADOW_NICE, signal });
    return new Shadow(scorer, () => this.live.manifest, live);
  }
}
