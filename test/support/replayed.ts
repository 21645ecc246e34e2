/** A replay as the command line prints it, line by line. */
import { runCli } from './cli';

/** One line of `fdir replay --json`. */
export interface ReplayLine {
  readonly type: string;
  readonly value?: number;
  readonly to?: string;
  readonly anomalies?: number;
  readonly frames?: number;
  readonly unscored?: number;
  readonly dropped?: object;
  readonly verdict?: { readonly equipment: string; readonly fault: string };
  readonly revision?: number;
  readonly start?: string;
  readonly end?: string | null;
  readonly state?: string;
}
/** Replays recordings by the command line. */
export const replay = async (config: string, ...files: readonly string[]) => {
  const { status, stdout, stderr } = await runCli(['replay', ...files, '--config', config, '--json']);
  const lines =
    stdout.trim() === ''
      ? []
      : stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as ReplayLine);
  return { status, stderr, lines, summary: lines.at(-1) };
};
/** The transitions of plain limits: status and value. */
export const checksOf = (lines: readonly ReplayLine[]) =>
  lines.flatMap(({ type, to, value }) => (type === 'check' ? [[to, value]] : []));
/** How each anomaly ended: equipment and fault of its last revision. */
export const anomalyNames = (lines: readonly ReplayLine[]) =>
  lines.flatMap(({ type, state, verdict }) =>
    type === 'anomaly' && state === 'closed' ? [`${verdict?.equipment ?? ''} ${verdict?.fault ?? ''}`] : [],
  );
