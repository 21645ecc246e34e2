/**
 * Rules loaded anew while the daemon runs, on SIGHUP or on request: the whole set is validated as at start, and comes into the
 * flow as one control, so that it applies between two arrivals. What is invalid is refused, and the old rules stay.
 */
import { loadConfig, type LoadedConfig } from './config/load-config';
import type { Control } from './core/response';
import { describeError } from './domain/errors';
import type { AskedRequest } from './domain/requests';
import type { RuleSet } from './domain/rules';
import type { Arrival } from './pipeline/ports';

type Reload = Extract<Control, { kind: 'reload' }>;

export interface Reloader {
  /** What a reload asked for by `by` comes to. */
  load(by: string, asked?: AskedRequest): Reload;
  /** The arrival with a request to reload carried out. */
  takeUp(arrival: Arrival): Arrival;
}

/** The mission and the model are what the state of everything is about: with others the daemon has to start anew. */
const refusal = (running: LoadedConfig, next: LoadedConfig): string | undefined => {
  if (JSON.stringify(running.mission) !== JSON.stringify(next.mission))
    return 'the mission file was changed: that needs a restart';
  if (running.model?.manifest.sha256 !== next.model?.manifest.sha256)
    return 'the model was changed: that needs a restart';
  return next.program === undefined ? 'the configuration names no rules any more: that needs a restart' : undefined;
};

/** @param onResult told of every attempt: the rules that apply from now on, or why the old ones stay. */
export const createReloader = (
  running: LoadedConfig,
  onResult: (rules: RuleSet | undefined, message: string, by: string) => void,
): Reloader => {
  const attempt = (): { readonly next?: LoadedConfig; readonly message: string } => {
    try {
      const next = loadConfig(running.file);
      const message = refusal(running, next);
      if (message !== undefined) return { message };
      const count = next.rules?.eventActions.length ?? 0;
      return { next, message: `${String(count)} rules are loaded (${next.rules?.sha256.slice(0, 12) ?? ''})` };
    } catch (error) {
      return { message: describeError(error) };
    }
  };
  const load = (by: string, asked?: AskedRequest): Reload => {
    const { next, message } = attempt();
    const told = next === undefined ? `the rules stay as they were: ${message}` : message;
    onResult(next?.rules, told, by);
    return { kind: 'reload', program: next?.program, message: told, by, asked };
  };
  const takeUpOne = (control: Control): Control =>
    control.kind === 'request' && control.asked.request.name === 'reload'
      ? load(control.asked.request.asked.by, control.asked)
      : control;
  return {
    load,
    takeUp: (arrival) =>
      arrival.controls === undefined ? arrival : { ...arrival, controls: arrival.controls.map(takeUpOne) },
  };
};
