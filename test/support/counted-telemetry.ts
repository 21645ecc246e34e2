/**
 * Telemetry of which the log shows frame by frame what was judged: frame `n` carries the Gray code of `n`, a bit a parameter, and a bit
 * that is set is out of limits. Any two frames differ in at least one bit, so each that is judged leaves a transition with its time,
 * whatever was lost before it.
 */
import Database from 'better-sqlite3';
import { isoTime } from '../../src/domain/units';
import { T0 } from './tiny-mission';

const BITS = 16;
const bits = Array.from({ length: BITS }, (_, bit) => bit);
/** Out of limits. */
const SET = 2;
/** Rises once in 32 frames; the rule below asks for something each time. */
const ASKING = 3;

export const COUNTED_MISSION = [
  'spacecraft: COUNTED-1',
  'sampling: { period: 1s, window: 4, stride: 4 }',
  'parameters:',
  ...bits.map((bit) => `  - { id: bit${String(bit)}, equipment: unit${String(bit)}, limits: { warning: [-1, 1] } }`),
  'commands:',
  '  - { name: CLEAR, title: Clear a bit, arguments: { unit: { type: equipment } } }',
];

export const COUNTED_RULES = [
  'eventActions:',
  '  - id: clear-bit',
  '    title: Clear the bit',
  '    level: 1',
  '    authority: automatic',
  '    event: check',
  `    when: check.parameter == "bit${String(ASKING)}" && check.failed`,
  '    cooldown: 1s',
  '    steps:',
  `      - { command: CLEAR, arguments: { unit: unit${String(ASKING)} }, expiry: 2s }`,
  '    because: It is counted.',
];

/** Whole and half a second: times that the log writes and telemetry sends alike. */
export const timeOfFrame = (frame: number): string => isoTime(T0 + frame * 1000);
const frameAt = (time: string): number => (Date.parse(time) - T0) / 1000;

export const countedFrame = (frame: number): string => {
  const code = frame ^ (frame >> 1);
  const values = Object.fromEntries(bits.map((bit) => [`bit${String(bit)}`, (code >> bit) & 1 ? SET : 0]));
  return JSON.stringify({ time: timeOfFrame(frame), values });
};

/** Which frame a message is. */
export const frameOf = (text: string): number => frameAt((JSON.parse(text) as { readonly time: string }).time);

/** Which frames the log has transitions of, and its transitions that are there twice or out of order. */
export const judgedFrames = (
  path: string,
): { readonly frames: ReadonlySet<number>; readonly amiss: readonly string[] } => {
  const database = new Database(path, { readonly: true });
  try {
    const rows = database
      .prepare<[], { time: string; parameter: string; to: string }>(
        'SELECT time, parameter, to_status AS "to" FROM check_transition ORDER BY sequence',
      )
      .all();
    const seen = new Set<string>();
    const last = new Map<string, string>();
    const amiss = rows.flatMap(({ time, parameter, to }, index) => {
      const key = `${time} ${parameter}`;
      // A status that changes to what it is was judged twice, or its change was lost.
      const isWrong = seen.has(key) || last.get(parameter) === to || time < (rows[index - 1]?.time ?? '');
      seen.add(key);
      last.set(parameter, to);
      return isWrong ? [`${key} ${to}`] : [];
    });
    return { frames: new Set(rows.map(({ time }) => frameAt(time))), amiss };
  } finally {
    database.close();
  }
};
