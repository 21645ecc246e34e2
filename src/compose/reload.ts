/**
 * Rules and models loaded anew while the daemon runs, on SIGHUP or on request: everything is validated as at start, signatures and
 * golden vector too, and comes into the flow as one control, so that it applies between two arrivals. What is invalid is refused as a
 * whole, and what runs goes on as it was.
 */
import { defer, from, of, type Observable } from 'rxjs';
import { swapRefusal, type Models } from './models';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import type { Control } from '../core/response/response';
import { describeError } from '../domain/errors';
import type { AskedRequest } from '../domain/requests';
import type { RuleSet } from '../domain/rules';
import type { Arrival } from '../pipeline/ports';

type Reload = Extract<Control, { kind: 'reload' }>;

export interface ReloadParts {
  readonly models: Models | undefined;
  /** Resolves when no arrival is under way in the judgement. */
  readonly whenEmpty: () => Promise<void>;
  /** Certificates and credentials are read; what is unfit refuses the reload. @throws FdirError `config`. */
  readonly checkAccess?: () => unknown;
  /** Told before a model is put in the place of another. */
  readonly beforeSwap: () => void;
  /** Told of every attempt: the rules that apply from now on, or why all stays as it was. */
  readonly onResult: (
    result: { readonly rules?: RuleSet | undefined; readonly ok: boolean },
    message: string,
    by: string,
  ) => void;
}

export interface Reloader {
  /** What asks for a reload and wants no answer. */
  order(by: string): Control;
  /** The arrival with a request to reload carried out; those behind it wait. */
  takeUp(arrival: Arrival): Observable<Arrival>;
}

/** Nobody waits for an answer on it. */
const NO_TOPIC = '';

/** The mission is what the state of everything is about: with another the daemon has to start anew. */
const refusal = (running: LoadedConfig, models: Models | undefined, next: LoadedConfig): string | undefined => {
  if (JSON.stringify(running.mission) !== JSON.stringify(next.mission))
    return 'the mission file was changed: that needs a restart';
  if (running.config.requireSignature !== undefined && next.config.requireSignature === undefined)
    return 'signatures would not be required any more: that needs a restart';
  const why = swapRefusal(models?.live.manifest, next.manifest);
  if (why !== undefined) return why;
  return running.program !== undefined && next.program === undefined
    ? 'the configuration names no rules any more: that needs a restart'
    : undefined;
};

const modelWords = (before: string | undefined, { model, shadow }: LoadedConfig): string => {
  if (model === undefined) return '';
  const { id, sha256 } = model.manifest;
  const swapped = before === sha256 ? '' : `; the model is ${id} (${sha256.slice(0, 12)}) from now on`;
  return shadow === undefined
    ? swapped
    : `${swapped}; shadow ${shadow.manifest.id} (${shadow.manifest.sha256.slice(0, 12)})`;
};

export const createReloader = (running: LoadedConfig, parts: ReloadParts): Reloader => {
  const { models, whenEmpty, beforeSwap, onResult } = parts;
  const attempt = async (): Promise<{ readonly next?: LoadedConfig; readonly message: string }> => {
    try {
      const next = loadConfig(running.file);
      const why = refusal(running, models, next);
      if (why !== undefined) return { message: why };
      parts.checkAccess?.();
      const before = models?.live.manifest.sha256;
      const prepared = await models?.prepare(next);
      // Windows under way are scored, judged and explained by one model.
      await whenEmpty();
      if (prepared !== undefined) {
        beforeSwap();
        await models?.swap(prepared);
      }
      const count = next.rules?.eventActions.length ?? 0;
      const rules = `${String(count)} rules are loaded (${next.rules?.sha256.slice(0, 12) ?? 'none'})`;
      return { next, message: `${rules}${modelWords(before, next)}` };
    } catch (error) {
      return { message: describeError(error) };
    }
  };
  const load = async (by: string, asked?: AskedRequest): Promise<Reload> => {
    const { next, message } = await attempt();
    const told = next === undefined ? `the rules stay as they were: ${message}` : message;
    onResult({ rules: next?.rules, ok: next !== undefined }, told, by);
    return { kind: 'reload', program: next?.program, ok: next !== undefined, message: told, by, asked };
  };
  const isReload = (control: Control): boolean => control.kind === 'request' && control.asked.request.name === 'reload';
  const takeUpOne = async (control: Control): Promise<Control> => {
    if (control.kind !== 'request' || control.asked.request.name !== 'reload') return control;
    const { asked } = control;
    return load(control.asked.request.asked.by, asked.topic === NO_TOPIC ? undefined : asked);
  };
  const carryOut = async (arrival: Arrival): Promise<Arrival> => {
    const controls: Control[] = [];
    for (const control of arrival.controls ?? []) controls.push(await takeUpOne(control));
    return { ...arrival, controls };
  };
  return {
    order: (by) => ({
      kind: 'request',
      asked: { topic: NO_TOPIC, correlation: {}, request: { name: 'reload', asked: { by, comment: '' } } },
    }),
    takeUp: (arrival) =>
      arrival.controls?.some(isReload) === true ? defer(() => from(carryOut(arrival))) : of(arrival),
  };
};
