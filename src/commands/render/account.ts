/** One anomaly as a person reads it: what, how sure, why, and what was asked for. Pure; lines fit the look's width. */
import type { RecoveryRequest } from '../../domain/events';
import { UNKNOWN, type Explanation } from '../../domain/explanation';
import { equipmentTitle, type Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import { renderAttribution } from './attribution';
import { shownCommands } from '../../core/anomaly/sent-commands';
import { tellConfidence } from '../../core/anomaly/likelihood';
import { bar } from './bars';
import { renderConceptogram } from './conceptogram';
import type { Look } from './look';
import { classTitle, duration, firstSentence, listed, percent, shortParameter, timeOfDay, wrap } from './text';

export interface AccountOptions {
  /** `brief` leaves out all but the first sentence of a rule's reason. */
  readonly detail: 'brief' | 'full';
}

const LABEL_WIDTH = 12;
const MARGIN = 2;
const CONFIDENCE_WIDTH = 20;

/** "Reaction wheel 2: torque loss". */
export const headline = (mission: Mission, { verdict, spacecraft }: Explanation): string => {
  const who = verdict.equipment === UNKNOWN ? spacecraft : equipmentTitle(mission, verdict.equipment);
  return `${who}: ${verdict.fault === UNKNOWN ? 'no known fault' : classTitle(mission, verdict.fault)}`;
};

const when = ({ start, end, detectedAt }: Explanation): string => {
  const span =
    end === null
      ? `since ${timeOfDay(start)}, still open`
      : `${timeOfDay(start)} to ${timeOfDay(end)} (${duration(Date.parse(end) - Date.parse(start))})`;
  return `${span}, detected at ${timeOfDay(detectedAt)}`;
};

const confidence = (mission: Mission, { verdict }: Explanation, { width, paint }: Look): string[] => {
  const alternatives = verdict.alternatives.map(({ equipment, fault, confidence: share }) => {
    const who = equipment === verdict.equipment ? '' : `${equipment} `;
    return `${who}${classTitle(mission, fault)} ${percent(share)}`;
  });
  const filled = paint(verdict.confidence >= 0.8 ? 'good' : 'action', bar(verdict.confidence, CONFIDENCE_WIDTH));
  const empty = ' '.repeat(Math.max(0, CONFIDENCE_WIDTH - bar(verdict.confidence, CONFIDENCE_WIDTH).length));
  const told = `${filled}${empty} ${paint('strong', tellConfidence(verdict.confidence))}`;
  if (alternatives.length === 0) return [told];
  return [told, ...wrap(`else ${alternatives.join(', ')}`, width).map((line) => paint('faint', line))];
};

/** "one of 2 in nine of ten such cases: rw2 offset 81 %, rw2 step 12 %". */
const setText = (mission: Mission, { verdict: { set } }: Explanation): string[] => {
  if (set === undefined) return [];
  if (set.length === 0) return ['no known fault is likely enough (empty set at 90 %)'];
  const names = set.map(
    ({ equipment, fault, probability }) => `${equipment} ${classTitle(mission, fault)} ${percent(probability)}`,
  );
  return [`nine of ten such cases: ${set.length === 1 ? '' : `one of ${String(set.length)}, `}${names.join(', ')}`];
};

const sufficiency = (mission: Mission, { sufficient }: Explanation): string => {
  const names = sufficient.map((id) => shortParameter(mission, id));
  if (names.length === 0) return 'no small set of parameters: too many differ, or it lies before';
  return `with ${listed(names)} as expected, nothing would have been wrong`;
};

const why = (mission: Mission, explanation: Explanation, look: Look): readonly string[] => {
  const { attribution, score } = explanation;
  const worst = `worst window: score ${String(score.value)}, threshold ${String(score.threshold)}`;
  return [
    ...renderAttribution(mission, attribution, look),
    ...wrap(sufficiency(mission, explanation), look.width),
    look.paint('faint', worst),
  ];
};

/** "UNLOAD_WHEEL wheel=rw2 share=0.5". */
export const describeRequest = ({ command, arguments: given }: RecoveryRequest): string =>
  [command, ...Object.entries(given).map(([name, value]) => `${name}=${String(value)}`)].join(' ');

const request = (action: RecoveryRequest, { detail }: AccountOptions, { width, paint }: Look): string[] => {
  const { time, rule, level, because, disposition } = action;
  const sent = { request: 'requested', waiting: 'waits for a person, asked', passive: 'recorded, not sent,' }[
    disposition
  ];
  return [
    ...wrap(describeRequest(action), width).map((line) => paint('action', line)),
    ...wrap(`${sent} at ${timeOfDay(time)} by rule ${rule} (level ${String(level)})`, width),
    ...wrap(detail === 'full' ? because : firstSentence(because), width).map((line) => paint('faint', line)),
  ];
};

/** Which other anomalies it belongs together with. */
const cascadeLines = (mission: Mission, { cascade }: Explanation, width: number): readonly string[] => {
  if (cascade === undefined) return [];
  const text =
    cascade.role === 'symptom'
      ? `symptom of ${equipmentTitle(mission, cascade.equipment)} (${cascade.root}); its rules and its alarm are muted by it`
      : `root of ${listed(cascade.symptoms.map(({ equipment }) => equipmentTitle(mission, equipment)))}, which are muted by it`;
  return wrap(text, width);
};

/** Telecommands that a terminal has room for; `log show --json` has all. */
const MAX_COMMANDS = 8;

/** Told because an operator asks for them: that one came before explains nothing by itself. */
const commandLines = ({ commands, start }: Explanation, { width, paint }: Look): readonly string[] => {
  const all = shownCommands(commands, start);
  const lines = all
    .slice(-MAX_COMMANDS)
    .flatMap(({ time, text, place }) => wrap(`${timeOfDay(isoTime(time))} ${text}, ${place}`, width));
  const earlier = all.length - MAX_COMMANDS;
  return earlier > 0 ? [paint('faint', `${String(earlier)} earlier`), ...lines] : lines;
};

const section = (label: string, lines: readonly string[], { paint }: Look): string[] =>
  lines.map(
    (line, index) => ' '.repeat(MARGIN) + paint('faint', (index === 0 ? label : '').padEnd(LABEL_WIDTH)) + line,
  );

/** @param actions of this anomaly, in order. */
export const renderAccount = ({
  mission,
  explanation,
  actions,
  look,
  options,
}: {
  readonly mission: Mission;
  readonly explanation: Explanation;
  readonly actions: readonly RecoveryRequest[];
  readonly look: Look;
  readonly options: AccountOptions;
}): readonly string[] => {
  const inner: Look = { ...look, width: look.width - MARGIN - LABEL_WIDTH };
  const { conceptogram } = explanation;
  return [
    look.paint('heading', headline(mission, explanation)),
    ...section('when', wrap(when(explanation), inner.width), look),
    ...section('what', wrap(explanation.sentence, inner.width), look),
    ...section('commands', commandLines(explanation, inner), look),
    ...section('cascade', cascadeLines(mission, explanation, inner.width), look),
    ...section(
      'how sure',
      [
        ...confidence(mission, explanation, inner),
        ...setText(mission, explanation).flatMap((line) => wrap(line, inner.width)),
      ],
      look,
    ),
    ...section('why', why(mission, explanation, inner), look),
    ...section('peepholes', renderConceptogram(mission, conceptogram, inner), look),
    ...section(
      'action',
      actions.length === 0
        ? ['none: no rule asked for one']
        : actions.flatMap((action) => request(action, options, inner)),
      look,
    ),
  ];
};
