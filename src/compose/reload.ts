/**
 * Loads rules and models anew while the daemon runs, on SIGHUP or on request. Everything is validated as at start, signatures and
 * golden vector too. It comes into the flow as one control, so that it applies between two arrivals. What is invalid is refused
 * as a whole, and what runs goes on as it was.
 */
import { swapRefusal, type Models } from './models';
import { loadConfig, type LoadedConfig } from '../config/load-config';
import { describeError } from '../domain/errors';
import type { RuleSet } from '../domain/rules';
import type { ReloadAttempt } from '../pipeline/reload-gate';

export interface ReloadParts {
  readonly models: Models | undefined;
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

/** @returns what a `ReloadGate` attempts. */
export const createReloader = (running: LoadedConfig, parts: ReloadParts): ReloadAttempt => {
  const { models, beforeSwap, onResult } = parts;
  const load = async (
    whenEmpty: () => Promise<void>,
  ): Promise<{ readonly next?: LoadedConfig; readonly message: string }> => {
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
  return async (by, whenEmpty) => {
    const { next, message } = await load(whenEmpty);
    const told = next === undefined ? `the rules stay as they were: ${message}` : message;
    onResult({ rules: next?.rules, ok: next !== undefined }, told, by);
    return { program: next?.program, ok: next !== undefined, message: told };
  };
};
