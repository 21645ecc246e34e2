/** What a definition holds and is not honoured: refused or warned of by line and name, never skipped. */
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { oneParameter, unsigned, xtceText } from '../support/xtce-text';

/** Line of the first occurrence, from 1. */
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;
const refusedOf = (text: string) => readDefinition(text).problems.filter(({ effect }) => effect === 'refused');

const U8 = unsigned('u8', 8);
const P = '<Parameter name="P" parameterTypeRef="u8"/>';
const entry = '<ParameterRefEntry parameterRef="P"/>';
const containing = (entries: string, attributes = ''): string =>
  `<SequenceContainer name="C" ${attributes}><EntryList>\n${entries}\n</EntryList></SequenceContainer>`;
const ofContainers = (containers: string): string => xtceText({ types: U8, parameters: P, containers });

describe('a document that is no definition', () => {
  test.each([
    ['that is not well formed', xtceText({}).replace('</ParameterSet>', ''), 'not well formed'],
    ['that is empty', '', 'not well formed'],
    ['with another root', '<Packets/>', 'SpaceSystem'],
    [
      'with an external entity',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<SpaceSystem name="&e;"/>',
      'document type',
    ],
    [
      'with entities that expand',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<SpaceSystem name="&b;"/>',
      'document type',
    ],
    ['with an entity that nothing declares', '<SpaceSystem name="&nothing;"/>', 'not well formed'],
  ])('%s', (_, text, message) => {
    const { definition, problems } = readDefinition(text);
    expect([definition, problems.length, problems[0]?.effect]).toEqual([undefined, 1, 'refused']);
    expect(problems[0]?.message).toContain(message);
  });

  test('that is over a limit says which', () => {
    const deep = '<SpaceSystem name="a">'.repeat(300) + '</SpaceSystem>'.repeat(300);
    expect(readDefinition(deep).problems[0]?.message).toContain('nested deeper');
    const limits = { maxBytes: 1000, maxElements: 10, maxDepth: 9 };
    expect(
      readDefinition(`<SpaceSystem name="a">${'<x/>'.repeat(20)}</SpaceSystem>`, { limits }).problems[0]?.message,
    ).toContain('10 elements');
    expect(readDefinition(' '.repeat(1001), { limits }).problems[0]?.message).toContain('1000');
  });

  test('an unknown name space is read, and warned of', () => {
    const { definition, problems } = readDefinition(xtceText({}).replace('20180204', '19990101'));
    expect([definition?.namespace, problems.map(({ effect }) => effect)]).toEqual(['other', ['warning']]);
  });
});

describe('refused by line and name', () => {
  const inInteger = (inside: string, attributes = 'sizeInBits="8"'): string =>
    oneParameter(
      `<IntegerParameterType name="T">\n<IntegerDataEncoding ${attributes}>\n${inside}\n</IntegerDataEncoding>\n</IntegerParameterType>`,
    );

  test.each<[string, string, string]>([
    [
      'an unknown element',
      oneParameter('<IntegerParameterType name="T">\n<IntegerDataEncodin sizeInBits="8"/></IntegerParameterType>'),
      'IntegerDataEncodin ',
    ],
    ['an unknown attribute', inInteger('', 'sizeInBit="8"'), 'IntegerDataEncoding sizeInBit'],
    ['an unknown encoding', inInteger('', 'encoding="gray"'), 'IntegerDataEncoding enc'],
    ['a size of no bits', inInteger('', 'sizeInBits="0"'), 'IntegerDataEncoding size'],
    ['a size that is no number', inInteger('', 'sizeInBits="eight"'), 'IntegerDataEncoding size'],
    ['a byte order that misses a byte', inInteger('', 'sizeInBits="32" byteOrder="0,1,2"'), 'IntegerDataEncoding size'],
    ['BCD of no whole digits', inInteger('', 'sizeInBits="12" encoding="BCD"'), 'IntegerDataEncoding size'],
    [
      'a float of 24 bits',
      oneParameter('<FloatParameterType name="T">\n<FloatDataEncoding sizeInBits="24"/></FloatParameterType>'),
      'FloatDataEncoding',
    ],
    [
      'floats of other machines',
      oneParameter('<FloatParameterType name="T">\n<FloatDataEncoding encoding="IBM"/></FloatParameterType>'),
      'FloatDataEncoding',
    ],
    [
      'a spline of order 2',
      inInteger(
        '<DefaultCalibrator>\n<SplineCalibrator order="2"><SplinePoint raw="0" calibrated="0"/></SplineCalibrator></DefaultCalibrator>',
      ),
      'SplineCalibrator',
    ],
    [
      'a polynomial without terms',
      inInteger('<DefaultCalibrator>\n<PolynomialCalibrator/></DefaultCalibrator>'),
      'PolynomialCalibrator',
    ],
    [
      'an exponent that is no integer',
      inInteger(
        '<DefaultCalibrator><PolynomialCalibrator>\n<Term coefficient="1" exponent="0.5"/></PolynomialCalibrator></DefaultCalibrator>',
      ),
      'Term',
    ],
    [
      'an operator with too few operands',
      inInteger(
        '<DefaultCalibrator>\n<MathOperationCalibrator><ThisParameterOperand/><Operator>+</Operator></MathOperationCalibrator></DefaultCalibrator>',
      ),
      'MathOperationCalibrator',
    ],
    [
      'a custom algorithm of a binary value',
      oneParameter(
        '<BinaryParameterType name="T"><BinaryDataEncoding><SizeInBits><FixedValue>8</FixedValue></SizeInBits>\n<FromBinaryTransformAlgorithm name="x"/></BinaryDataEncoding></BinaryParameterType>',
      ),
      'FromBinaryTransformAlgorithm',
    ],
    [
      'a negative size',
      oneParameter(
        '<BinaryParameterType name="T"><BinaryDataEncoding>\n<SizeInBits><FixedValue>-8</FixedValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>',
      ),
      'SizeInBits',
    ],
    [
      'two labels of one value',
      oneParameter(
        '<EnumeratedParameterType name="T"><IntegerDataEncoding/><EnumerationList><Enumeration value="1" label="A"/>\n<Enumeration value="1" label="B"/></EnumerationList></EnumeratedParameterType>',
      ),
      'Enumeration value="1" label="B"',
    ],
    [
      'an epoch that is no time',
      oneParameter(
        '<AbsoluteTimeParameterType name="T"><Encoding><IntegerDataEncoding/></Encoding><ReferenceTime>\n<Epoch>Tuesday</Epoch></ReferenceTime></AbsoluteTimeParameterType>',
      ),
      '<Epoch',
    ],
    [
      'units without a length',
      oneParameter(
        '<AbsoluteTimeParameterType name="T">\n<Encoding units="months"><IntegerDataEncoding/></Encoding></AbsoluteTimeParameterType>',
      ),
      'Encoding units',
    ],
    [
      'a type that nothing defines',
      xtceText({ parameters: '<Parameter name="P" parameterTypeRef="Missing"/>' }),
      'Parameter name',
    ],
    [
      'a type that contains itself',
      oneParameter(
        '<AggregateParameterType name="T"><MemberList>\n<Member name="m" typeRef="T"/></MemberList></AggregateParameterType>',
      ),
      '<Member ',
    ],
    [
      'a parameter that stands twice',
      xtceText({ types: U8, parameters: `${P}\n<Parameter name="P" parameterTypeRef="u8" shortDescription="again"/>` }),
      'shortDescription="again"',
    ],
    [
      'a parameter segment',
      ofContainers(containing('<ParameterSegmentRefEntry parameterRef="P" order="1"/>')),
      'ParameterSegmentRefEntry',
    ],
    [
      'an entry of a parameter that nothing defines',
      ofContainers(containing('<ParameterRefEntry parameterRef="Q"/>')),
      'parameterRef="Q"',
    ],
    [
      'a place before the next entry',
      ofContainers(
        containing(
          `<ParameterRefEntry parameterRef="P">\n<LocationInContainerInBits referenceLocation="nextEntry"><FixedValue>0</FixedValue></LocationInContainerInBits></ParameterRefEntry>`,
        ),
      ),
      'LocationInContainerInBits',
    ],
    [
      'a container that nests itself',
      ofContainers(containing('<ContainerRefEntry containerRef="C"/>')),
      'ContainerRefEntry',
    ],
    [
      'a container that extends itself',
      ofContainers(`<SequenceContainer name="C"><EntryList/>\n<BaseContainer containerRef="C"/></SequenceContainer>`),
      'BaseContainer',
    ],
    [
      'a comparison with an older packet',
      ofContainers(
        containing(
          '<ParameterRefEntry parameterRef="P"><IncludeCondition>\n<Comparison parameterRef="P" instance="-1" value="1"/></IncludeCondition></ParameterRefEntry>',
        ),
      ),
      'Comparison',
    ],
    [
      'a comparison with no number',
      ofContainers(
        containing(
          '<ParameterRefEntry parameterRef="P"><IncludeCondition>\n<Comparison parameterRef="P" value="ON"/></IncludeCondition></ParameterRefEntry>',
        ),
      ),
      'Comparison',
    ],
    ['a message set', xtceText({}).replace('</ContainerSet>', '</ContainerSet>\n<MessageSet/>'), 'MessageSet'],
  ])('%s', (_, text, at) => {
    const refused = refusedOf(text);
    expect(refused.map(({ line }) => line)).toContain(lineOf(text, at));
    expect(refused.every(({ element, message }) => element.length > 0 && message.length > 0)).toBe(true);
  });

  test('entries that read the same bits are warned of, with the bits and both lines', () => {
    const second =
      '<ParameterRefEntry parameterRef="P"><LocationInContainerInBits referenceLocation="containerStart"><FixedValue>4</FixedValue></LocationInContainerInBits></ParameterRefEntry>';
    const text = ofContainers(containing(`${entry}\n${second}`));
    const [first, other] = [lineOf(text, entry), lineOf(text, second)];
    expect(readDefinition(text).problems).toEqual([
      expect.objectContaining({
        line: other,
        effect: 'warning',
        message: `reads bits 4 to 11, which P (line ${String(first)}) reads as well`,
      }),
    ]);
  });

  test('what needs something refused is refused as well, all else is kept', () => {
    const text = xtceText({
      types: `${U8}\n<FloatParameterType name="bad"><FloatDataEncoding sizeInBits="24"/></FloatParameterType>`,
      parameters: `${P}\n<Parameter name="Q" parameterTypeRef="bad"/>`,
      containers: `<SequenceContainer name="Root"><EntryList>${entry}</EntryList></SequenceContainer>
<SequenceContainer name="Bad"><EntryList><ParameterRefEntry parameterRef="Q"/></EntryList><BaseContainer containerRef="Root"><RestrictionCriteria><Comparison parameterRef="P" value="1"/></RestrictionCriteria></BaseContainer></SequenceContainer>
<SequenceContainer name="Good"><EntryList>${entry}</EntryList><BaseContainer containerRef="Root"><RestrictionCriteria><Comparison parameterRef="P" value="2"/></RestrictionCriteria></BaseContainer></SequenceContainer>`,
    });
    const { definition } = readDefinition(text);
    expect([...(definition?.parameters.keys() ?? [])]).toEqual(['P']);
    const { decoder } = definition === undefined ? { decoder: undefined } : compileDecoder(definition);
    const results = [
      [1, 0],
      [2, 7],
    ].map((bytes) => decoder?.decode(Uint8Array.from(bytes)));
    expect(results.map((packet) => [packet?.container.id, packet?.problems.map(({ code }) => code)])).toEqual([
      ['Root', ['refused']],
      ['Good', []],
    ]);
    expect(results[0]?.problems[0]?.message).toContain(`line ${String(lineOf(text, 'parameterRef="Q"'))}`);
  });
});

describe('warned of', () => {
  test.each<[string, string, string]>([
    ['streams', xtceText({}).replace('</ContainerSet>', '</ContainerSet>\n<StreamSet/>'), 'StreamSet'],
    [
      'algorithms',
      xtceText({}).replace(
        '</ContainerSet>',
        '</ContainerSet>\n<AlgorithmSet><MathAlgorithm name="a"/></AlgorithmSet>',
      ),
      'AlgorithmSet',
    ],
    [
      'how a number is written',
      oneParameter('<IntegerParameterType name="T"><IntegerDataEncoding/>\n<ToString/></IntegerParameterType>'),
      'ToString',
    ],
    [
      'a leading size that counts nobody knows what',
      oneParameter(
        '<StringParameterType name="T"><StringDataEncoding><SizeInBits><Fixed><FixedValue>64</FixedValue></Fixed>\n<LeadingSize sizeInBitsOfSizeTag="8"/></SizeInBits></StringDataEncoding></StringParameterType>',
      ),
      '<LeadingSize',
    ],
    [
      'entries that read the same bits',
      ofContainers(
        containing(
          `${entry}\n<ParameterRefEntry parameterRef="P"><LocationInContainerInBits referenceLocation="containerStart"><FixedValue>4</FixedValue></LocationInContainerInBits></ParameterRefEntry>`,
        ),
      ),
      '<LocationInContainerInBits',
    ],
  ])('%s', (_, text, at) => {
    expect(readDefinition(text).problems.map(({ line, effect }) => [line, effect])).toEqual([
      [lineOf(text, at), 'warning'],
    ]);
  });
});

describe('the container that packets begin with', () => {
  const two = ofContainers(
    `${containing(entry)}\n<SequenceContainer name="D"><EntryList>${entry}</EntryList></SequenceContainer>`,
  );
  const compile = (text: string, container?: string) => {
    const { definition } = readDefinition(text);
    if (definition === undefined) throw new Error('no definition');
    return compileDecoder(definition, { container });
  };

  test('is asked for when there are two', () => {
    const { decoder, problems } = compile(two);
    expect([decoder, problems.map(({ line, element }) => [line, element])]).toEqual([
      undefined,
      [[lineOf(two, 'name="D"'), 'SequenceContainer "D"']],
    ]);
    expect(compile(two, 'D').decoder?.root.id).toBe('D');
  });

  test('must be one that is defined', () => {
    expect(compile(two, 'E').problems[0]?.message).toContain('C (line');
    expect(compile(xtceText({})).decoder).toBeUndefined();
  });
});
