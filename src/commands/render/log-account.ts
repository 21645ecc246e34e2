/** Everything the log holds about one anomaly, as a person reads it at three in the morning. Pure. */
import type { LoggedAccount } from '../../adapters/log/log-reader';
import type { Explanation } from '../../domain/explanation';
import { missionSchema, type Mission } from '../../domain/mission';
import { renderAccount } from './account';
import type { Look } from './look';
import { renderPlots } from './plot';
import { renderRecovery } from './recovery';
import { percent, timeOfDay, wrap } from './text';

/** A mission has one parameter at least. */
const namesOf = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? ['none'] : ids);

/** When no mission file is at hand: the names of the record itself. */
export const missionOf = ({ spacecraft, freezeFrame }: Explanation): Mission =>
  missionSchema.parse({
    spacecraft,
    sampling: { period: '1s', window: 2, stride: 1 },
    parameters: namesOf(Object.keys(freezeFrame.parameters)).map((id) => ({ id })),
  });

const heading = (text: string, { paint }: Look): readonly string[] => ['', paint('heading', text)];
const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const history = ({ revisions }: LoggedAccount): readonly string[] =>
  revisions.map(({ revision, revisedAt, trigger, state, verdict, score }) => {
    const what = `${verdict.equipment} ${verdict.fault} ${percent(verdict.confidence)}`;
    return `${String(revision).padStart(2)}. ${timeOfDay(revisedAt)}  ${trigger.padEnd(18)} ${state.padEnd(6)}  ${what}, score ${score.value.toPrecision(4)}`;
  });

export const renderLogAccount = (mission: Mission, account: LoggedAccount, look: Look): readonly string[] => {
  const { revisions, actions, recoveries, alarms, verdicts, notes } = account;
  const newest = revisions.at(-1);
  if (newest === undefined) return [];
  const inner: Look = { ...look, width: look.width - 2 };
  return [
    ...renderAccount({ mission, explanation: newest, actions, look, options: { detail: 'full' } }),
    ...heading('Measured against expected', look),
    ...indented(renderPlots(mission, revisions, inner)),
    ...(recoveries.length === 0
      ? []
      : [
          ...heading('What the rules made of it', look),
          ...recoveries.flatMap(({ recovery, steps }) => [...indented(renderRecovery(recovery, steps, inner)), '']),
        ]),
    ...heading('How it went on', look),
    ...indented(history(account)),
    ...(alarms.length === 0
      ? []
      : [
          ...heading('Alarms', look),
          ...alarms.map(
            ({ name, sequence, state, severity, count, acknowledged }) =>
              `  ${name} (${String(sequence)}): ${state}, ${severity}, triggered ${String(count)} times${
                acknowledged === null ? '' : `, acknowledged by ${acknowledged.by}: ${acknowledged.comment}`
              }`,
          ),
        ]),
    ...heading('What people say of it', look),
    ...(verdicts.length === 0
      ? [`  nothing yet: fdir log verdict ${newest.id} true|false|rare-nominal`]
      : verdicts.flatMap(({ time, by, verdict, comment }) =>
          indented(wrap(`${time}  ${by}: ${verdict}${comment === '' ? '' : `, ${comment}`}`, inner.width)),
        )),
    ...(notes.length === 0
      ? []
      : [
          ...heading('Notes', look),
          ...notes.flatMap(({ time, by, text }) => indented(wrap(`${time}  ${by}: ${text}`, inner.width))),
        ]),
    '',
    look.paint(
      'faint',
      `id ${newest.id}, model ${newest.model.id} ${newest.model.sha256.slice(0, 12)}, rules ${newest.rules.sha256.slice(0, 12)}`,
    ),
  ];
};
