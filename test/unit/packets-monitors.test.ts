/** Alarms of a definition as limits and monitors of a mission, judged by the monitoring itself. */
import { draftMonitors } from '../../src/adapters/packets/definition-monitors';
import { factsOf, numericFields } from '../../src/adapters/packets/definition-facts';
import { parseYaml } from '../../src/config/yaml-document';
import { validateRules } from '../../src/config/validate-rules';
import { initialMonitoring, monitor } from '../../src/core/monitoring/monitor';
import { statusesOf } from '../../src/core/monitoring/statuses';
import { missionSchema } from '../../src/domain/mission';
import { rulesFileSchema } from '../../src/domain/rules';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { unsigned, xtceText } from '../support/xtce-text';

const comparison = (parameter: string, value: string): string =>
  `<ContextMatch><Comparison parameterRef="${parameter}" value="${value}"/></ContextMatch>`;

const definitionOf = (alarms: string): string =>
  xtceText({
    types: `${unsigned('u8', 8)}
<EnumeratedParameterType name="mode"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration value="0" label="SAFE"/>
<Enumeration value="1" label="SUN"/><Enumeration value="2" label="LOST"/></EnumerationList>
<DefaultAlarm><EnumerationAlarmList><EnumerationAlarm enumerationLabel="LOST" alarmLevel="critical"/></EnumerationAlarmList></DefaultAlarm></EnumeratedParameterType>
<IntegerParameterType name="volt" signed="false"><IntegerDataEncoding sizeInBits="8"/>${alarms}</IntegerParameterType>`,
    parameters: ['V', 'MODE', 'OTHER']
      .map((name, index) => `<Parameter name="${name}" parameterTypeRef="${['volt', 'mode', 'u8'][index] ?? ''}"/>`)
      .join(''),
    containers: `<SequenceContainer name="C"><EntryList>${['V', 'MODE', 'OTHER'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>`,
  });

const mission = missionSchema.parse({
  spacecraft: 'BUS',
  sampling: { period: '2s' },
  parameters: [{ id: 'V' }, { id: 'MODE' }],
});

const draftOf = (alarms: string) => {
  const { definition, problems } = readDefinition(definitionOf(alarms));
  const decoder = definition && compileDecoder(definition).decoder;
  if (decoder === undefined) throw new Error(problems[0]?.message);
  const fields = numericFields(decoder);
  const draft = draftMonitors({ fields, watched: new Set(['V', 'MODE']), periodMs: 2000 });
  const volt = fields.get('V');
  return { ...draft, facts: volt && factsOf(volt) };
};

/** Statuses after these values, each [V, MODE], one every two seconds. */
const judged = (lines: readonly string[], values: readonly (readonly [number, number])[]) => {
  const rules = parseYaml('monitoring.yaml', lines.join('\n'), rulesFileSchema).value;
  const { program, problems } = validateRules({ ...rules, sha256: '' }, mission, []);
  expect(problems).toEqual([]);
  if (program === undefined) throw new Error('the monitors are compiled');
  let state = initialMonitoring(program.monitoring);
  values.forEach(([volt, mode], index) => {
    const situation = {
      time: index * 2000,
      parameters: { V: volt, MODE: mode },
      mode: undefined,
      monitors: {},
      health: {},
    };
    const samples = Float64Array.of(volt, mode);
    state = monitor(program.monitoring, state, {
      situation,
      received: samples,
      held: samples,
      scores: undefined,
    }).state;
  });
  return statusesOf(program.monitoring, state);
};

const RANGES = (level: string, low: number, high: number): string =>
  `<StaticAlarmRanges><${level}Range minInclusive="${String(low)}" maxInclusive="${String(high)}"/></StaticAlarmRanges>`;

test('a context alarm goes before the default one, which then is no plain limit', () => {
  const { lines, notes, facts } = draftOf(
    `<DefaultAlarm>${RANGES('Warning', 20, 30)}</DefaultAlarm>
<ContextAlarmList><ContextAlarm>${RANGES('Warning', 10, 12)}${comparison('MODE', 'SAFE')}</ContextAlarm></ContextAlarmList>`,
  );
  expect([facts?.warning, notes]).toEqual([undefined, []]);
  const statusOf = (volt: number, mode: number) => judged(lines, [[volt, mode]])['v-warning'];
  expect([statusOf(11, 0), statusOf(25, 0), statusOf(11, 1), statusOf(25, 1)]).toEqual([
    'withinLimits',
    'aboveHighLimit',
    'belowLowLimit',
    'withinLimits',
  ]);
});

test('a default alarm alone stays a plain limit', () => {
  const { lines, facts } = draftOf(`<DefaultAlarm>${RANGES('Critical', 20, 30)}</DefaultAlarm>`);
  expect(facts?.critical).toEqual([20, 30]);
  expect(lines.join('\n')).not.toContain('"V"');
});

test('a label with an alarm is never within', () => {
  const { lines } = draftOf('');
  expect([0, 1, 2].map((mode) => judged(lines, [[25, mode]])['mode-critical'])).toEqual([
    'withinLimits',
    'withinLimits',
    'belowLowLimit',
  ]);
});

test('several violations are a repetition, and a change a second one of the sampling period', () => {
  const { lines } = draftOf(
    `<DefaultAlarm minViolations="2"><ChangeAlarmRanges changeType="changePerSecond"><CriticalRange minInclusive="-3" maxInclusive="3"/></ChangeAlarmRanges></DefaultAlarm>`,
  );
  const rising = (step: number, count: number) =>
    judged(
      lines,
      Array.from({ length: count }, (_, index) => [index * step, 0] as const),
    )['v-change-critical'];
  expect([rising(6, 4), rising(7, 2), rising(7, 3)]).toEqual(['withinThreshold', 'unchecked', 'aboveHighThreshold']);
});

test('inside a range, and outside of several, are told by expressions', () => {
  const inside = draftOf(
    `<DefaultAlarm><StaticAlarmRanges rangeForm="inside"><WarningRange minInclusive="5" maxInclusive="7"/></StaticAlarmRanges></DefaultAlarm>`,
  );
  expect([4, 6, 8].map((volt) => judged(inside.lines, [[volt, 0]])['v-warning'])).toEqual([
    'withinLimits',
    'belowLowLimit',
    'withinLimits',
  ]);
});

test('an alarm whose condition names a parameter that is not watched is told with its line', () => {
  const alarms = `<ContextAlarmList><ContextAlarm>${RANGES('Warning', 10, 12)}${comparison('OTHER', '3')}</ContextAlarm></ContextAlarmList>`;
  const { notes, facts } = draftOf(alarms);
  const text = definitionOf(alarms);
  const line = text.slice(0, text.indexOf('<ContextAlarm>')).split('\n').length;
  expect([notes, facts?.warning]).toEqual([
    [`an alarm of V (line ${String(line)}) is no monitor: its condition needs OTHER, which the mission does not watch`],
    undefined,
  ]);
});
