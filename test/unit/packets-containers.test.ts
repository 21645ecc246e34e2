/** Containers: inheritance, restriction, conditions, repetition, places, nesting, arrays, several SpaceSystems. */
import { compileDecoder, type Decoder, type DecoderOptions } from '../../src/packets/decode/compile-decoder';
import type { DecodedPacket } from '../../src/packets/decode/values';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { unsigned, xtceText } from '../support/xtce-text';

const decoderOf = (text: string, options: DecoderOptions = {}): Decoder => {
  const { definition, problems } = readDefinition(text);
  expect(problems.filter(({ effect }) => effect === 'refused')).toEqual([]);
  const { decoder, problems: more } =
    definition === undefined ? { decoder: undefined, problems: [] } : compileDecoder(definition, options);
  expect(more).toEqual([]);
  if (decoder === undefined) throw new Error('no decoder');
  return decoder;
};
const list = ({ values }: DecodedPacket): readonly (readonly [string, unknown])[] =>
  values.map(({ field, value }) => [field.id, value]);
const codes = ({ problems }: DecodedPacket): readonly string[] => problems.map(({ code }) => code);
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const PARAMETERS = ['A', 'B', 'C', 'D'].map((name) => `<Parameter name="${name}" parameterTypeRef="u8"/>`).join('\n');
const entry = (name: string, inside = ''): string =>
  `<ParameterRefEntry parameterRef="${name}">${inside}</ParameterRefEntry>`;
const container = (name: string, entries: string, base = '', attributes = ''): string =>
  `<SequenceContainer name="${name}" ${attributes}><EntryList>${entries}</EntryList>${base}</SequenceContainer>`;
const base = (criteria: string, of = 'Root'): string =>
  `<BaseContainer containerRef="${of}"><RestrictionCriteria>${criteria}</RestrictionCriteria></BaseContainer>`;
const text = (containers: readonly string[], types = '', parameters = ''): string =>
  xtceText({
    types: unsigned('u8', 8) + types,
    parameters: PARAMETERS + parameters,
    containers: containers.join('\n'),
  });

describe('inheritance', () => {
  const compare = (name: string, operator: string, value: string): string =>
    `<Comparison parameterRef="${name}" comparisonOperator="${operator}" value="${value}"/>`;
  const condition = (name: string, operator: string, value: string): string =>
    `<Condition><ParameterInstanceRef parameterRef="${name}"/><ComparisonOperator>${operator}</ComparisonOperator><Value>${value}</Value></Condition>`;

  test.each<[string, string, readonly [readonly number[], boolean][]]>([
    [
      'equality',
      compare('A', '==', '1'),
      [
        [[1, 0], true],
        [[2, 0], false],
      ],
    ],
    [
      'hexadecimal constants',
      compare('A', '==', '0x10'),
      [
        [[16, 0], true],
        [[10, 0], false],
      ],
    ],
    [
      'inequality',
      compare('A', '!=', '1'),
      [
        [[1, 0], false],
        [[2, 0], true],
      ],
    ],
    [
      'order',
      compare('A', '&gt;=', '5'),
      [
        [[4, 0], false],
        [[5, 0], true],
      ],
    ],
    [
      'a list, all of which hold',
      `<ComparisonList>${compare('A', '==', '1')}${compare('B', '&lt;', '3')}</ComparisonList>`,
      [
        [[1, 2], true],
        [[1, 3], false],
      ],
    ],
    [
      'conditions joined by and',
      `<BooleanExpression><ANDedConditions>${condition('A', '==', '1')}${condition('B', '==', '2')}</ANDedConditions></BooleanExpression>`,
      [
        [[1, 2], true],
        [[1, 1], false],
      ],
    ],
    [
      'conditions joined by or',
      `<BooleanExpression><ORedConditions>${condition('A', '==', '1')}<ANDedConditions>${condition('A', '==', '2')}${condition('B', '==', '2')}</ANDedConditions></ORedConditions></BooleanExpression>`,
      [
        [[1, 9], true],
        [[2, 2], true],
        [[2, 3], false],
      ],
    ],
    [
      'one condition',
      `<BooleanExpression>${condition('B', '&lt;=', '7')}</BooleanExpression>`,
      [
        [[0, 7], true],
        [[0, 8], false],
      ],
    ],
    [
      'two parameters',
      '<BooleanExpression><Condition><ParameterInstanceRef parameterRef="A"/><ComparisonOperator>==</ComparisonOperator><ParameterInstanceRef parameterRef="B"/></Condition></BooleanExpression>',
      [
        [[4, 4], true],
        [[4, 5], false],
      ],
    ],
  ])('restricted by %s', (_, criteria, cases) => {
    const decoder = decoderOf(
      text([container('Root', entry('A') + entry('B')), container('Child', entry('C'), base(criteria))]),
    );
    expect(cases.map(([head]) => decoder.decode(bytes(...head, 9)).container.id === 'Child')).toEqual(
      cases.map(([, fits]) => fits),
    );
  });

  const tree = text([
    container('Root', entry('A'), '', 'abstract="true"'),
    ...[1, 2, 3, 4].map((kind) => container(`Kind${String(kind)}`, entry('B'), base(compare('A', '==', String(kind))))),
    container('Deep', entry('C'), base(compare('B', '==', '7'), 'Kind2')),
  ]);

  test('goes as deep as restrictions hold', () => {
    const decoder = decoderOf(tree);
    expect([bytes(1, 7), bytes(2, 6), bytes(2, 7, 8)].map((packet) => decoder.decode(packet).container.id)).toEqual([
      'Kind1',
      'Kind2',
      'Deep',
    ]);
    expect(list(decoder.decode(bytes(2, 7, 8)))).toEqual([
      ['A', 2],
      ['B', 7],
      ['C', 8],
    ]);
  });

  test('a packet that fits no container is told, with what could be read', () => {
    const decoded = decoderOf(tree).decode(bytes(9, 1));
    expect([codes(decoded), list(decoded)]).toEqual([['unknown-packet'], [['A', 9]]]);
  });

  test('two containers that fit: the first is taken, and it is told', () => {
    const decoder = decoderOf(
      text([
        container('Root', entry('A')),
        container('X', entry('B'), base(compare('A', '&gt;', '0'))),
        container('Y', entry('C'), base(compare('A', '&gt;', '1'))),
      ]),
    );
    const decoded = decoder.decode(bytes(2, 5));
    expect([decoded.container.id, codes(decoded)]).toEqual(['X', ['ambiguous']]);
  });
});

describe('entries', () => {
  const fixed = (value: number): string => `<FixedValue>${String(value)}</FixedValue>`;
  const from = (name: string): string => `<DynamicValue><ParameterInstanceRef parameterRef="${name}"/></DynamicValue>`;

  test('under a condition', () => {
    const decoder = decoderOf(
      text([
        container(
          'C',
          entry('A') +
            entry('B', '<IncludeCondition><Comparison parameterRef="A" value="1"/></IncludeCondition>') +
            entry('C'),
        ),
      ]),
    );
    expect([list(decoder.decode(bytes(1, 2, 3))), list(decoder.decode(bytes(0, 3)))]).toEqual([
      [
        ['A', 1],
        ['B', 2],
        ['C', 3],
      ],
      [
        ['A', 0],
        ['C', 3],
      ],
    ]);
  });

  test.each([
    ['fixed', `<RepeatEntry><Count>${fixed(2)}</Count></RepeatEntry>`, [2, 7, 8], [7, 8]],
    ['from a parameter', `<RepeatEntry><Count>${from('A')}</Count></RepeatEntry>`, [3, 7, 8, 9], [7, 8, 9]],
    [
      'with bits between',
      `<RepeatEntry><Count>${fixed(2)}</Count><Offset>${fixed(8)}</Offset></RepeatEntry>`,
      [0, 7, 99, 8],
      [7, 8],
    ],
    [
      'looked up',
      '<RepeatEntry><Count><DiscreteLookupList><DiscreteLookup value="1"><Comparison parameterRef="A" value="5"/></DiscreteLookup></DiscreteLookupList></Count></RepeatEntry>',
      [5, 7],
      [7],
    ],
  ])('repeated, %s', (_, repeat, packet, expected) => {
    const decoded = decoderOf(text([container('C', entry('A') + entry('B', repeat))])).decode(bytes(...packet));
    expect([codes(decoded), list(decoded).slice(1)]).toEqual([[], expected.map((value) => ['B', value])]);
  });

  test.each([
    ['behind the one before', `<LocationInContainerInBits>${fixed(8)}</LocationInContainerInBits>`, [1, 0, 5], 5],
    [
      'from the start',
      `<LocationInContainerInBits referenceLocation="containerStart">${fixed(24)}</LocationInContainerInBits>`,
      [1, 0, 0, 5],
      5,
    ],
    [
      'from the end',
      `<LocationInContainerInBits referenceLocation="containerEnd">${fixed(8)}</LocationInContainerInBits>`,
      [1, 0, 0, 5],
      5,
    ],
    [
      'back over the one before',
      `<LocationInContainerInBits>${fixed(-4)}</LocationInContainerInBits>`,
      [0x12, 0x30],
      0x23,
    ],
    ['from a parameter', `<LocationInContainerInBits>${from('A')}</LocationInContainerInBits>`, [8, 0, 5], 5],
  ])('placed %s', (_, location, packet, expected) => {
    const decoded = decoderOf(text([container('C', entry('A') + entry('B', location))])).decode(bytes(...packet));
    expect(list(decoded)[1]).toEqual(['B', expected]);
  });

  test('an entry at the end of a base stands behind those of derived containers', () => {
    const atEnd = entry(
      'B',
      `<LocationInContainerInBits referenceLocation="containerEnd">${fixed(0)}</LocationInContainerInBits>`,
    );
    const decoder = decoderOf(
      text([
        container('Root', entry('A') + atEnd),
        container('X', entry('C'), base('<Comparison parameterRef="A" value="1"/>')),
      ]),
    );
    expect(list(decoder.decode(bytes(1, 3, 9)))).toEqual([
      ['A', 1],
      ['C', 3],
      ['B', 9],
    ]);
  });

  test('nested containers, with their own start and a given size', () => {
    const inner = container(
      'Inner',
      entry('B') +
        entry(
          'C',
          `<LocationInContainerInBits referenceLocation="containerStart">${fixed(16)}</LocationInContainerInBits>`,
        ),
    ).replace(
      '<EntryList>',
      '<BinaryEncoding><SizeInBits><FixedValue>32</FixedValue></SizeInBits></BinaryEncoding><EntryList>',
    );
    const decoder = decoderOf(
      text([container('Outer', `${entry('A')}<ContainerRefEntry containerRef="Inner"/>${entry('D')}`), inner]),
    );
    const decoded = decoder.decode(bytes(1, 2, 0, 3, 0, 4));
    expect([codes(decoded), list(decoded)]).toEqual([
      [],
      [
        ['A', 1],
        ['B', 2],
        ['C', 3],
        ['D', 4],
      ],
    ]);
  });

  test.each([
    [
      'of two dimensions',
      [
        [0, 1],
        [0, 1],
      ],
      ['[0][0]', '[0][1]', '[1][0]', '[1][1]'],
    ],
    ['that begins at 2', [[2, 4]], ['[2]', '[3]', '[4]']],
  ])('an array %s', (_, bounds, suffixes) => {
    const dimensions = bounds
      .map(
        ([first, last]) =>
          `<Dimension><StartingIndex>${fixed(first ?? 0)}</StartingIndex><EndingIndex>${fixed(last ?? 0)}</EndingIndex></Dimension>`,
      )
      .join('');
    const decoder = decoderOf(
      text(
        [container('C', '<ArrayParameterRefEntry parameterRef="LIST"/>')],
        `<ArrayParameterType name="list" arrayTypeRef="u8"><DimensionList>${dimensions}</DimensionList></ArrayParameterType>`,
        '<Parameter name="LIST" parameterTypeRef="list"/>',
      ),
    );
    expect(list(decoder.decode(bytes(...suffixes.keys())))).toEqual(
      suffixes.map((suffix, index) => [`LIST${suffix}`, index]),
    );
    expect(decoder.fields.map(({ id }) => id)).toEqual(suffixes.map((suffix) => `LIST${suffix}`));
  });

  test('an array of aggregates whose last index is a parameter, and a comparison with a member', () => {
    const decoder = decoderOf(
      text(
        [
          container(
            'C',
            `${entry('A')}<ArrayParameterRefEntry parameterRef="LIST"><DimensionList><Dimension><StartingIndex>${fixed(0)}</StartingIndex><EndingIndex>${from('A')}</EndingIndex></Dimension></DimensionList></ArrayParameterRefEntry>`,
          ),
          container('D', entry('D'), base('<Comparison parameterRef="LIST[1].y" value="6"/>', 'C')),
        ],
        '<AggregateParameterType name="point"><MemberList><Member name="x" typeRef="u8"/><Member name="y" typeRef="u8"/></MemberList></AggregateParameterType><ArrayParameterType name="list" arrayTypeRef="point" numberOfDimensions="1"/>',
        '<Parameter name="LIST" parameterTypeRef="list"/>',
      ),
    );
    const decoded = decoder.decode(bytes(1, 3, 4, 5, 6, 9));
    expect([decoded.container.id, list(decoded)]).toEqual([
      'D',
      [
        ['A', 1],
        ['LIST[0].x', 3],
        ['LIST[0].y', 4],
        ['LIST[1].x', 5],
        ['LIST[1].y', 6],
        ['D', 9],
      ],
    ]);
  });
});

describe('packets that do not fit their definition', () => {
  const sized =
    '<BinaryParameterType name="bin"><BinaryDataEncoding><SizeInBits><DynamicValue><ParameterInstanceRef parameterRef="A"/><LinearAdjustment slope="8" intercept="-16"/></DynamicValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>';
  const decoder = (): Decoder =>
    decoderOf(
      text([container('C', entry('A') + entry('BIN'))], sized, '<Parameter name="BIN" parameterTypeRef="bin"/>'),
    );

  test.each([
    ['cut short', [4, 1], 'truncated', 8],
    ['with a negative size', [1, 1], 'bad-size', 8],
    ['with a huge size', [255, 1], 'truncated', 8],
    ['longer than their entries', [3, 1, 2], 'unread-bits', 16],
    ['that are empty', [], 'truncated', 0],
  ])('%s', (_, packet, code, bit) => {
    expect(
      decoder()
        .decode(bytes(...packet))
        .problems.map((problem) => [problem.code, problem.bit]),
    ).toEqual([[code, bit]]);
  });

  test('what was read before is given', () => {
    expect(list(decoder().decode(bytes(4, 1)))).toEqual([['A', 4]]);
  });
});

describe('several SpaceSystems', () => {
  const systems = `<SpaceSystem name="Bus"><TelemetryMetaData><ParameterTypeSet>${unsigned('own', 8)}</ParameterTypeSet>
<ParameterSet><Parameter name="V" parameterTypeRef="own"/><Parameter name="W" parameterTypeRef="u8"/></ParameterSet>
<ContainerSet><SequenceContainer name="Frame"><EntryList><ParameterRefEntry parameterRef="V"/><ParameterRefEntry parameterRef="../Payload/V"/>
<ParameterRefEntry parameterRef="/Test/Bus/W"/><ParameterRefEntry parameterRef="./V"/></EntryList><BaseContainer containerRef="/Test/Root"/></SequenceContainer></ContainerSet></TelemetryMetaData></SpaceSystem>
<SpaceSystem name="Payload"><TelemetryMetaData><ParameterSet><Parameter name="V" parameterTypeRef="Bus/own"/></ParameterSet></TelemetryMetaData></SpaceSystem>`;

  test('references are found from where they stand, upwards, and by path', () => {
    const definitionText = xtceText({
      types: unsigned('u8', 8),
      parameters: PARAMETERS,
      containers: container('Root', entry('A')),
      systems,
    });
    expect(list(decoderOf(definitionText).decode(bytes(1, 2, 3, 4, 5)))).toEqual([
      ['A', 1],
      ['Bus.V', 2],
      ['Payload.V', 3],
      ['Bus.W', 4],
      ['Bus.V', 5],
    ]);
  });
});

describe('values that no packet holds', () => {
  const settings =
    '<Parameter name="SETTING" parameterTypeRef="u8" initialValue="1"><ParameterProperties dataSource="constant"/></Parameter>';
  const definitionText = text(
    [
      container(
        'C',
        entry('A', '<IncludeCondition><Comparison parameterRef="SETTING" value="1"/></IncludeCondition>') + entry('B'),
      ),
    ],
    '',
    settings,
  );

  test('are taken from their initial value, or from what the caller gives', () => {
    expect(list(decoderOf(definitionText).decode(bytes(1, 2)))).toEqual([
      ['A', 1],
      ['B', 2],
    ]);
    expect(list(decoderOf(definitionText, { constants: { SETTING: '0' } }).decode(bytes(2)))).toEqual([['B', 2]]);
  });

  test('a reference that nothing can ever answer is refused by line', () => {
    const { definition } = readDefinition(definitionText.replace(' initialValue="1"', ''));
    const problems = definition === undefined ? [] : compileDecoder(definition).problems;
    expect(problems.map(({ element, effect }) => [element, effect])).toEqual([['reference to SETTING', 'refused']]);
    expect(problems[0]?.line).toBeGreaterThan(1);
  });
});

test('a value is not valid where its validity condition does not hold', () => {
  const guarded =
    '<Parameter name="G" parameterTypeRef="u8"><ParameterProperties><ValidityCondition><Comparison parameterRef="A" value="1"/></ValidityCondition></ParameterProperties></Parameter>';
  const decoder = decoderOf(text([container('C', entry('G') + entry('A'))], '', guarded));
  const validity = (packet: Uint8Array) => decoder.decode(packet).values.map(({ valid, reason }) => [valid, reason]);
  expect([validity(bytes(7, 1)), validity(bytes(7, 0))]).toEqual([
    [
      [true, undefined],
      [true, undefined],
    ],
    [
      [false, 'condition'],
      [true, undefined],
    ],
  ]);
});
