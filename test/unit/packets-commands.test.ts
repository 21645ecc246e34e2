/** Alarms as limits and monitors, and MetaCommands as data; telecommand packets by their containers. */
import { parse } from 'yaml';
import { commandLines } from '../../src/adapters/packets/definition-facts';
import { commandProblems } from '../../src/core/rules/check-commands';
import { missionSchema } from '../../src/domain/mission';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { lookAlikes } from '../../src/packets/decode/look-alikes';
import { limitsOf } from '../../src/packets/xtce/limits-of';
import type { Definition } from '../../src/packets/xtce/definition';
import type { ScalarType } from '../../src/packets/xtce/model';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { oneParameter, unsigned, xtceText } from '../support/xtce-text';

const fill = { equipment: 'rw1', fault: 'stuck', spacecraft: 'X' };
const CALIBRATED =
  '<DefaultCalibrator><PolynomialCalibrator><Term coefficient="2" exponent="1"/></PolynomialCalibrator></DefaultCalibrator>';

const definitionOf = (text: string): Definition => {
  const { definition, problems } = readDefinition(text);
  expect(problems.filter(({ effect }) => effect === 'refused')).toEqual([]);
  if (definition === undefined) throw new Error('no definition');
  return definition;
};
const typeOf = (type: string): ScalarType => {
  const found = definitionOf(oneParameter(type)).parameters.get('P')?.type;
  if (found === undefined || found.kind === 'aggregate' || found.kind === 'array') throw new Error('no scalar');
  return found;
};

describe('alarms', () => {
  const withAlarm = (alarm: string): ScalarType =>
    typeOf(
      `<FloatParameterType name="T"><FloatDataEncoding/><ValidRange minInclusive="-50" maxInclusive="50"/>${alarm}</FloatParameterType>`,
    );

  test('five levels become the two of a mission, the tightest range of each', () => {
    const ranges = ['Watch', 'Warning', 'Distress', 'Critical', 'Severe'].map(
      (level, index) =>
        `<${level}Range minInclusive="${String(-10 * (index + 1))}" maxInclusive="${String(10 * (index + 1))}"/>`,
    );
    const type = withAlarm(`<DefaultAlarm><StaticAlarmRanges>${ranges.join('')}</StaticAlarmRanges></DefaultAlarm>`);
    const [check] = type.alarms[0]?.checks ?? [];
    expect(check?.kind === 'static' ? Object.keys(check.ranges) : check).toEqual([
      'watch',
      'warning',
      'distress',
      'critical',
      'severe',
    ]);
    expect(limitsOf(type)).toEqual({
      valid: [-50, 50],
      warning: [-10, 10],
      critical: [-40, 40],
      monitors: [],
      lost: [],
    });
  });

  test('an open range has an infinite bound', () => {
    const type = withAlarm(
      '<DefaultAlarm><StaticAlarmRanges><CriticalRange maxExclusive="9"/></StaticAlarmRanges></DefaultAlarm>',
    );
    expect(limitsOf(type).critical).toEqual([-Infinity, 9]);
  });

  test('alarms on change, inside a range and after several violations are monitors', () => {
    const type = withAlarm(
      '<DefaultAlarm minViolations="3"><ChangeAlarmRanges changeType="changePerSample"><WarningRange minInclusive="-1" maxInclusive="1"/></ChangeAlarmRanges></DefaultAlarm>',
    );
    expect(type.alarms[0]?.checks[0]).toEqual({
      kind: 'change',
      alarmWhen: 'outside',
      per: 'sample',
      form: 'difference',
      ranges: { warning: [{ min: -1, max: 1 }] },
    });
    const limits = limitsOf(type);
    expect([limits.warning, limits.monitors.length, limits.lost]).toEqual([
      undefined,
      1,
      ['an alarm on the change of the value', '3 violations before the alarm'],
    ]);
  });

  test('enumerations alarm by label', () => {
    const type = typeOf(
      `<EnumeratedParameterType name="T"><IntegerDataEncoding/><EnumerationList><Enumeration label="OK" value="0"/><Enumeration label="HOT" value="1"/><Enumeration label="FAILED" value="2"/></EnumerationList>
<DefaultAlarm><EnumerationAlarmList><EnumerationAlarm enumerationLabel="HOT" alarmLevel="watch"/><EnumerationAlarm enumerationLabel="FAILED" alarmLevel="severe"/></EnumerationAlarmList></DefaultAlarm></EnumeratedParameterType>`,
    );
    expect(limitsOf(type).labels).toEqual({ warning: ['HOT'], critical: ['FAILED'] });
  });

  test('a context alarm keeps its condition', () => {
    const type = withAlarm(
      '<ContextAlarmList><ContextAlarm><StaticAlarmRanges><WarningRange minInclusive="0"/></StaticAlarmRanges><ContextMatch><Comparison parameterRef="P" comparisonOperator="&gt;" value="3"/></ContextMatch></ContextAlarm></ContextAlarmList>',
    );
    expect(limitsOf(type).monitors.map(({ when }) => when?.kind)).toEqual(['compare']);
  });

  test('an alarm that cannot be read is refused by line; its type is kept', () => {
    const text = oneParameter(
      '<FloatParameterType name="T"><FloatDataEncoding/>\n<DefaultAlarm>\n<CustomAlarm/></DefaultAlarm></FloatParameterType>',
    );
    const { definition, problems } = readDefinition(text);
    expect(problems.map(({ element, effect }) => [element, effect])).toEqual([['CustomAlarm', 'refused']]);
    expect(definition?.parameters.has('P')).toBe(true);
  });
});

describe('MetaCommands', () => {
  const commands = `<CommandMetaData>
<ArgumentTypeSet><IntegerArgumentType name="unit"><IntegerDataEncoding sizeInBits="8"/><ValidRangeSet><ValidRange minInclusive="1" maxInclusive="4"/></ValidRangeSet></IntegerArgumentType>
<EnumeratedArgumentType name="state"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration label="OFF" value="0"/><Enumeration label="ON" value="1"/></EnumerationList></EnumeratedArgumentType></ArgumentTypeSet>
<MetaCommandSet>
<MetaCommand name="Any" abstract="true"><CommandContainer name="AnyPacket"><EntryList><ParameterRefEntry parameterRef="ID"/></EntryList></CommandContainer></MetaCommand>
<MetaCommand name="Wheel" shortDescription="Switch a wheel"><BaseMetaCommand metaCommandRef="Any"/>
<ArgumentList><Argument name="UNIT" argumentTypeRef="unit"/><Argument name="STATE" argumentTypeRef="state" initialValue="OFF"/></ArgumentList>
<CommandContainer name="WheelPacket"><EntryList><FixedValueEntry binaryValue="2a" sizeInBits="8"/><ArgumentRefEntry argumentRef="UNIT"/><ArgumentRefEntry argumentRef="STATE"/></EntryList><BaseContainer containerRef="AnyPacket"><RestrictionCriteria><Comparison parameterRef="ID" value="1"/></RestrictionCriteria></BaseContainer></CommandContainer>
<DefaultSignificance consequenceLevel="critical" reasonForWarning="stops pointing"/></MetaCommand>
<MetaCommand name="Noop"><BaseMetaCommand metaCommandRef="Any"/><CommandContainer name="NoopPacket"><EntryList><FixedValueEntry binaryValue="00" sizeInBits="8"/></EntryList><BaseContainer containerRef="AnyPacket"><RestrictionCriteria><Comparison parameterRef="ID" value="1"/></RestrictionCriteria></BaseContainer></CommandContainer></MetaCommand>
<MetaCommand name="Wheel_2_On"><BaseMetaCommand metaCommandRef="Wheel"><ArgumentAssignmentList><ArgumentAssignment argumentName="UNIT" argumentValue="2"/><ArgumentAssignment argumentName="STATE" argumentValue="ON"/></ArgumentAssignmentList></BaseMetaCommand></MetaCommand>
</MetaCommandSet></CommandMetaData>`;
  const text = xtceText({
    types: unsigned('u8', 8),
    parameters: '<Parameter name="ID" parameterTypeRef="u8"/>',
    containers:
      '<SequenceContainer name="Telemetry"><EntryList><ParameterRefEntry parameterRef="ID"/></EntryList></SequenceContainer>',
    commands,
  });

  test('have arguments, fixed arguments and significance', () => {
    const definition = definitionOf(text);
    const wheel = definition.commands.get('Wheel');
    expect([
      wheel?.abstract,
      wheel?.description,
      wheel?.arguments.map(({ name, initialValue }) => [name, initialValue]),
    ]).toEqual([
      false,
      'Switch a wheel',
      [
        ['UNIT', undefined],
        ['STATE', 'OFF'],
      ],
    ]);
    expect(wheel?.significance).toEqual({ consequence: 'critical', reason: 'stops pointing' });
    const on = definition.commands.get('Wheel_2_On');
    expect([on?.arguments, on?.assigned, on?.significance?.consequence]).toEqual([
      [],
      { UNIT: '2', STATE: 'ON' },
      'critical',
    ]);
    const unit = wheel?.arguments[0]?.type;
    expect(unit?.kind === 'integer' ? unit.valid?.ranges : unit).toEqual([{ min: 1, max: 4 }]);
  });

  test('become the commands of a drafted mission: not the abstract ones, and hazardous from a warning on', () => {
    const lines = commandLines([...definitionOf(text).commands.values()]);
    const { commands } = missionSchema.parse({
      spacecraft: 'X',
      sampling: { period: '1s' },
      parameters: [{ id: 'a' }],
      ...(parse(lines.join('\n')) as object),
    });
    const shown = commands?.map(({ name, title, hazardous, arguments: given }) => [
      ...[name, title, hazardous],
      Object.entries(given).map(([argument, { type, range, values }]) => [argument, type, range ?? values]),
    ]);
    expect(shown).toEqual([
      ...[
        [
          'WHEEL',
          'Switch a wheel',
          true,
          [
            ['unit', 'integer', [1, 4]],
            ['state', 'string', ['OFF', 'ON']],
          ],
        ],
      ],
      ['NOOP', 'Noop', false, []],
      ['WHEEL_2_ON', 'Wheel_2_On', true, []],
    ]);
    const step = (given: Readonly<Record<string, string | number>>) => ({
      command: 'WHEEL',
      arguments: given,
      expiry: 60_000,
    });
    const problems = [
      { unit: 4, state: 'ON' },
      { unit: 5, state: 'ON' },
      { unit: 1, state: 'IDLE' },
    ].map((given) => commandProblems(step(given), commands ?? [], [], [fill]).map(({ message }) => message));
    expect(problems).toEqual([[], ['5 is outside 1 to 4'], ['"IDLE" is none of OFF, ON']]);
  });

  test.each([
    ['', 'minInclusive="-2.5" maxInclusive="40"', '', [-2.5, 40]],
    ['', 'minInclusive="3"', '', undefined],
    [' validRangeAppliesToCalibrated="false"', 'minInclusive="0" maxInclusive="9"', '', [0, 9]],
    [' validRangeAppliesToCalibrated="false"', 'minInclusive="0" maxInclusive="9"', CALIBRATED, undefined],
  ])(
    'the valid range%s %s of an argument is drafted where a mission can say it (%s)',
    (of, range, calibrator, expected) => {
      const definition = definitionOf(
        xtceText({
          types: unsigned('u8', 8),
          parameters: '<Parameter name="ID" parameterTypeRef="u8"/>',
          containers:
            '<SequenceContainer name="Telemetry"><EntryList><ParameterRefEntry parameterRef="ID"/></EntryList></SequenceContainer>',
          commands: `<CommandMetaData><ArgumentTypeSet><FloatArgumentType name="t"><UnitSet><Unit>degC</Unit></UnitSet><IntegerDataEncoding sizeInBits="8">${calibrator}</IntegerDataEncoding>
<ValidRangeSet${of}><ValidRange ${range}/></ValidRangeSet></FloatArgumentType></ArgumentTypeSet><MetaCommandSet>
<MetaCommand name="Heat"><ArgumentList><Argument name="T" argumentTypeRef="t"/></ArgumentList><CommandContainer name="HeatPacket"><EntryList><ArgumentRefEntry argumentRef="T"/></EntryList></CommandContainer></MetaCommand>
</MetaCommandSet></CommandMetaData>`,
        }),
      );
      const drafted = parse(commandLines([...definition.commands.values()]).join('\n')) as {
        readonly commands: readonly { readonly arguments: object }[];
      };
      expect(drafted.commands.map((command) => command.arguments)).toEqual([
        { t: { type: 'number', units: 'degC', ...(expected && { range: expected }) } },
      ]);
    },
  );

  test('telecommand packets are told by restriction and fixed values', () => {
    const { decoder, problems } = compileDecoder(definitionOf(text), { kind: 'command' });
    expect(problems).toEqual([]);
    const decoded = [
      [1, 0x2a, 3, 1],
      [1, 0],
    ].map((bytes) => decoder?.decode(Uint8Array.from(bytes)));
    expect(
      decoded.map((packet) => [
        packet?.command?.name,
        packet?.values.map(({ field, value }) => [field.id, value]),
        packet?.problems,
      ]),
    ).toEqual([
      [
        'Wheel',
        [
          ['ID', 1],
          ['Wheel.UNIT', 3],
          ['Wheel.STATE', 'ON'],
        ],
        [],
      ],
      ['Noop', [['ID', 1]], []],
    ]);
  });

  describe('that nothing in their packets tells apart', () => {
    const noop =
      '<FixedValueEntry binaryValue="00" sizeInBits="8"/></EntryList><BaseContainer containerRef="AnyPacket"><RestrictionCriteria><Comparison parameterRef="ID" value="1"/>';
    /** NOOP with other entries and restrictions. */
    const changed = (entries: string, when = 'value="1"'): Definition => {
      expect(text).toContain(noop);
      return definitionOf(text.replace(noop, noop.replace(/^<Fixed.*?>/, entries).replace('value="1"', when)));
    };
    const fixed = (digits: string): string => `<FixedValueEntry binaryValue="${digits}" sizeInBits="8"/>`;
    const like = (entries: string, when?: string) => {
      const definition = changed(entries, when);
      const { decoder } = compileDecoder(definition, { kind: 'command' });
      const { command, others } = decoder?.decode(Uint8Array.of(1, 0x2a, 3, 1)) ?? {};
      return {
        told: lookAlikes(definition),
        names: [command?.name, ...(others ?? []).map((other) => other.command.name)],
      };
    };

    test('are warned of by name and line, and a packet is of all that fit', () => {
      const definition = changed(fixed('2a'));
      const [wheel, none] = ['Wheel', 'Noop'].map((name) => definition.commands.get(name)?.line);
      expect(like(fixed('2a'))).toEqual({
        told: [
          {
            line: none,
            element: 'MetaCommand "Noop"',
            effect: 'warning',
            message: `and Wheel (line ${String(wheel)}) look alike in packets: packets of either are shown as "Wheel or Noop"`,
          },
        ],
        names: ['Wheel', 'Noop'],
      });
    });

    test('are those without a restriction or a fixed value of their own', () => {
      expect(like('')).toMatchObject({ told: [{ element: 'MetaCommand "Noop"' }], names: ['Wheel', 'Noop'] });
    });

    test.each([
      ['a fixed value', fixed('2b'), undefined],
      ['one bit of a wider fixed value', '<FixedValueEntry binaryValue="2b83" sizeInBits="16"/>', undefined],
      ['a compared value', fixed('2a'), 'value="2"'],
    ])('are not those that differ in %s', (_, entries, when) => {
      expect(like(entries, when)).toEqual({ told: [], names: ['Wheel'] });
    });

    test('leave the one whose entries the packet holds', () => {
      const longer = changed(`${fixed('2a')}${fixed('03')}${fixed('01')}${fixed('05')}`);
      const { decoder } = compileDecoder(longer, { kind: 'command' });
      const decoded = [
        [1, 0x2a, 3, 1],
        [1, 0x2a, 3, 1, 5],
      ].map((bytes) => decoder?.decode(Uint8Array.from(bytes)));
      expect(decoded.map((one) => [one?.command?.name, one?.others.map(({ command }) => command.name)])).toEqual([
        ['Wheel', []],
        ['Wheel', ['Noop']],
      ]);
    });
  });

  test('containers of commands are none of telemetry', () => {
    expect(compileDecoder(definitionOf(text)).decoder?.root.id).toBe('Telemetry');
  });

  test.each([
    ['a command that nothing defines', 'metaCommandRef="Wheel"', 'metaCommandRef="Whel"'],
    ['an argument that nothing defines', 'argumentRef="UNIT"', 'argumentRef="UNITS"'],
    ['an assignment of an argument that is not there', 'argumentName="UNIT"', 'argumentName="UNITS"'],
    ['a command that extends itself', 'metaCommandRef="Wheel"', 'metaCommandRef="Wheel_2_On"'],
    ['an unknown consequence', 'consequenceLevel="critical"', 'consequenceLevel="mortal"'],
  ])('%s is refused by line', (_, right, wrong) => {
    const damaged = text.replace(right, wrong);
    const line = damaged.slice(0, damaged.indexOf(wrong)).split('\n').length;
    const refused = readDefinition(damaged).problems.filter(({ effect }) => effect === 'refused');
    expect(refused.map((problem) => problem.line)).toContain(line);
  });
});
