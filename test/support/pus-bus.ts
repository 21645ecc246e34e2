/** A small spacecraft that speaks the packet utilisation standard: its definition, its mission, and its packets. */

const parameter = (name: string, type: string): string => `<Parameter name="${name}" parameterTypeRef="${type}"/>`;
const entry = (name: string): string => `<ParameterRefEntry parameterRef="${name}"/>`;
const integer = (bits: number): string =>
  `<IntegerParameterType name="U${String(bits)}" signed="false"><IntegerDataEncoding sizeInBits="${String(bits)}"/></IntegerParameterType>`;
const container = (
  name: string,
  base: string,
  when: Readonly<Record<string, number>>,
  entries: readonly string[],
): string =>
  `<SequenceContainer name="${name}"><EntryList>${entries.map(entry).join('')}</EntryList><BaseContainer containerRef="${base}"><RestrictionCriteria><ComparisonList>
${Object.entries(when)
  .map(([ref, value]) => `<Comparison parameterRef="${ref}" value="${String(value)}"/>`)
  .join('')}</ComparisonList></RestrictionCriteria></BaseContainer></SequenceContainer>`;

const WHEELS =
  '<EnumerationList><Enumeration value="1" label="RW1"/><Enumeration value="2" label="RW2"/></EnumerationList>';

export const PUS_XTCE = `<?xml version="1.0"?>
<SpaceSystem name="PUS" xmlns="http://www.omg.org/spec/XTCE/20180204">
<TelemetryMetaData><ParameterTypeSet>
${[3, 1, 11, 2, 14, 16, 8, 4, 56, 32].map(integer).join('\n')}
<FloatParameterType name="VOLT"><IntegerDataEncoding sizeInBits="16"><DefaultCalibrator><PolynomialCalibrator>
<Term coefficient="0" exponent="0"/><Term coefficient="0.01" exponent="1"/></PolynomialCalibrator></DefaultCalibrator></IntegerDataEncoding></FloatParameterType>
<EnumeratedParameterType name="WHEEL"><IntegerDataEncoding sizeInBits="8"/>${WHEELS}</EnumeratedParameterType>
<EnumeratedParameterType name="STATUS"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration value="0" label="withinLimits"/>
<Enumeration value="3" label="belowLowLimit"/><Enumeration value="4" label="aboveHighLimit"/></EnumerationList></EnumeratedParameterType>
</ParameterTypeSet><ParameterSet>
${[
  ['VERSION', 'U3'],
  ['TYPE', 'U1'],
  ['SECONDARY', 'U1'],
  ['APID', 'U11'],
  ['FLAGS', 'U2'],
  ['COUNT', 'U14'],
  ['LENGTH', 'U16'],
  ['PUS_VERSION', 'U8'],
  ['SERVICE', 'U8'],
  ['SUBTYPE', 'U8'],
  ['MESSAGES', 'U16'],
  ['DESTINATION', 'U16'],
  ['TIME', 'U56'],
  ['SID', 'U16'],
  ['REQUEST', 'U32'],
  ['FAILURE', 'U16'],
  ['EVENT', 'U16'],
  ['bus_voltage', 'VOLT'],
  ['rw2_speed', 'U16'],
  ['TC_VERSION', 'U4'],
  ['ACKNOWLEDGE', 'U4'],
  ['SOURCE', 'U16'],
  ['TRANSITIONS', 'U8'],
  ['MONITOR', 'U16'],
  ['WAS', 'STATUS'],
  ['IS', 'STATUS'],
]
  .map(([name = '', type = '']) => parameter(name, type))
  .join('\n')}
</ParameterSet><ContainerSet>
<SequenceContainer name="Packet" abstract="true"><EntryList>
${['VERSION', 'TYPE', 'SECONDARY', 'APID', 'FLAGS', 'COUNT', 'LENGTH'].map(entry).join('')}</EntryList></SequenceContainer>
<SequenceContainer name="Report" abstract="true"><EntryList>
${['PUS_VERSION', 'SERVICE', 'SUBTYPE', 'MESSAGES', 'DESTINATION', 'TIME'].map(entry).join('')}</EntryList>
<BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="TYPE" value="0"/></RestrictionCriteria></BaseContainer></SequenceContainer>
<SequenceContainer name="Event" abstract="true"><EntryList>${entry('EVENT')}</EntryList>
<BaseContainer containerRef="Report"><RestrictionCriteria><Comparison parameterRef="SERVICE" value="5"/></RestrictionCriteria></BaseContainer></SequenceContainer>
${container('HOUSEKEEPING', 'Report', { SERVICE: 3, SUBTYPE: 25 }, ['SID', 'bus_voltage', 'rw2_speed'])}
<SequenceContainer name="TRANSITION"><EntryList>${['MONITOR', 'WAS', 'IS'].map(entry).join('')}</EntryList></SequenceContainer>
${container('CHECK_TRANSITIONS', 'Report', { SERVICE: 12, SUBTYPE: 12 }, ['TRANSITIONS']).replace(
  '</EntryList>',
  `<ContainerRefEntry containerRef="TRANSITION"><RepeatEntry><Count><DynamicValue><ParameterInstanceRef parameterRef="TRANSITIONS"/>
</DynamicValue></Count></RepeatEntry></ContainerRefEntry></EntryList>`,
)}
${container('ACCEPTED', 'Report', { SERVICE: 1, SUBTYPE: 1 }, ['REQUEST'])}
${container('COMPLETED', 'Report', { SERVICE: 1, SUBTYPE: 7 }, ['REQUEST'])}
${container('FAILED', 'Report', { SERVICE: 1, SUBTYPE: 8 }, ['REQUEST', 'FAILURE'])}
</ContainerSet></TelemetryMetaData>
<CommandMetaData><ArgumentTypeSet/><CommandContainerSet><SequenceContainer name="Telecommand" abstract="true"><EntryList>
${['TC_VERSION', 'ACKNOWLEDGE', 'SERVICE', 'SUBTYPE', 'SOURCE'].map(entry).join('')}</EntryList>
<BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="TYPE" value="1"/></RestrictionCriteria></BaseContainer></SequenceContainer>
</CommandContainerSet><MetaCommandSet>
<MetaCommand name="Wheel_Off"><ArgumentList><Argument name="WHEEL" argumentTypeRef="WHEEL_ARGUMENT"/></ArgumentList>
<CommandContainer name="Wheel_Off_TC"><EntryList>
<ArgumentRefEntry argumentRef="WHEEL"/></EntryList>
<BaseContainer containerRef="Telecommand"><RestrictionCriteria><ComparisonList>
${Object.entries({ SECONDARY: 1, APID: 100, TC_VERSION: 2, ACKNOWLEDGE: 9, SERVICE: 8, SUBTYPE: 1 })
  .map(([ref, value]) => `<Comparison parameterRef="${ref}" value="${String(value)}"/>`)
  .join('')}</ComparisonList></RestrictionCriteria></BaseContainer></CommandContainer></MetaCommand>
</MetaCommandSet></CommandMetaData>
<SpaceSystem name="rw2"><TelemetryMetaData><ParameterTypeSet/><ParameterSet>${parameter('friction', '/PUS/U16')}</ParameterSet><ContainerSet>
${container('EVENT_STALL', '/PUS/Event', { '/PUS/EVENT': 17 }, ['friction'])}
</ContainerSet></TelemetryMetaData></SpaceSystem>
</SpaceSystem>
`.replace(
  '<ArgumentTypeSet/>',
  `<ArgumentTypeSet><EnumeratedArgumentType name="WHEEL_ARGUMENT"><IntegerDataEncoding sizeInBits="8"/>${WHEELS}</EnumeratedArgumentType></ArgumentTypeSet>`,
);

/** @param spacecraft its name */
export const pusMission = (spacecraft: string): string => `spacecraft: ${spacecraft}
sampling: { period: 1s }
packets:
  xtce: bus.xml
  container: Packet
  time: { secondaryHeader: cuc, position: 7, coarse: 4, fine: 3, epoch: "2026-01-01T00:00:00Z" }
  pus: {}
parameters:
  - { id: bus_voltage, equipment: bus, limits: { warning: [20, 30] } }
  - { id: rw2_speed, equipment: rw2, staleAfter: 1h }
commands:
  - { name: WHEEL_OFF, title: switch a wheel off, arguments: { wheel: { type: equipment, values: [rw2] } } }
`;

export const PUS_RULES = `eventActions:
  - id: stop-stalled-wheel
    title: Switch a stalled wheel off
    level: 2
    event: report
    when: report.number == 17 && report.severity == "high" && report.equipment == "rw2"
    authority: automatic
    steps: [{ command: WHEEL_OFF, arguments: { wheel: "\${equipment}" }, expiry: 5m }]
    because: A stalled wheel heats its motor until it fails.
`;

const EPOCH = Date.UTC(2026, 0, 1);
export const PUS_TIME = Date.UTC(2026, 2, 1);

/** A report of APID 7. @param second since PUS_TIME @param data behind the secondary header */
export const pusReport = (
  sequence: number,
  second: number,
  [service, subtype]: readonly [number, number],
  data: Uint8Array,
): Buffer => {
  const bytes = Buffer.alloc(6 + 14 + data.length);
  bytes.writeUInt16BE(0x0807, 0);
  bytes.writeUInt16BE(0xc000 | sequence, 2);
  bytes.writeUInt16BE(bytes.length - 7, 4);
  bytes.set([0x20, service, subtype], 6);
  bytes.writeUInt32BE((PUS_TIME - EPOCH) / 1000 + second, 13);
  bytes.set(data, 20);
  return bytes;
};

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
};

/** @param voltage hundredths of a volt */
export const housekeeping = (sequence: number, second: number, voltage: number, speed = 2000): Buffer =>
  pusReport(sequence, second, [3, 25], words(1, voltage, speed));

export const stallEvent = (sequence: number, second: number, friction = 300): Buffer =>
  pusReport(sequence, second, [5, 4], words(17, friction));

/** Service 1 about a telecommand packet. @param failure code of a failed completion */
export const verification = (sequence: number, second: number, telecommand: Uint8Array, failure?: number): Buffer => {
  const request = Buffer.from(telecommand.subarray(0, 4));
  return failure === undefined
    ? pusReport(sequence, second, [1, 7], request)
    : pusReport(sequence, second, [1, 8], Buffer.concat([request, words(failure)]));
};

export const acceptance = (sequence: number, second: number, telecommand: Uint8Array): Buffer =>
  pusReport(sequence, second, [1, 1], Buffer.from(telecommand.subarray(0, 4)));
