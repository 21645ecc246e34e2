/** Small XTCE documents for tests. */
export interface XtceParts {
  readonly types?: string;
  readonly parameters?: string;
  readonly containers?: string;
  readonly commands?: string;
  readonly systems?: string;
}

/** A document without prefix; each part begins on a line of its own. */
export const xtceText = ({
  types = '',
  parameters = '',
  containers = '',
  commands = '',
  systems = '',
}: XtceParts): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<SpaceSystem name="Test" xmlns="http://www.omg.org/spec/XTCE/20180204">
<TelemetryMetaData>
<ParameterTypeSet>
${types}
</ParameterTypeSet>
<ParameterSet>
${parameters}
</ParameterSet>
<ContainerSet>
${containers}
</ContainerSet>
</TelemetryMetaData>
${commands}
${systems}
</SpaceSystem>
`;

/** One parameter `P` of one type `T` in one container `C`. */
export const oneParameter = (type: string): string =>
  xtceText({
    types: type,
    parameters: '<Parameter name="P" parameterTypeRef="T"/>',
    containers:
      '<SequenceContainer name="C"><EntryList><ParameterRefEntry parameterRef="P"/></EntryList></SequenceContainer>',
  });

export const unsigned = (name: string, bits: number): string =>
  `<IntegerParameterType name="${name}" signed="false"><IntegerDataEncoding sizeInBits="${String(bits)}"/></IntegerParameterType>`;

/** A space packet around a data field. */
export const spacePacket = (
  apid: number,
  sequence: number,
  data: readonly number[] | Uint8Array,
  { flags = 3, secondary = false }: { readonly flags?: number; readonly secondary?: boolean } = {},
): Uint8Array => {
  const length = data.length - 1;
  const header = [
    (secondary ? 0x08 : 0) | (apid >>> 8),
    apid & 0xff,
    (flags << 6) | (sequence >>> 8),
    sequence & 0xff,
    length >>> 8,
    length & 0xff,
  ];
  return Uint8Array.from([...header, ...data]);
};

export const joinBytes = (parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** A definition with every feature that changes how bits are read, for properties on hostile bytes. */
export const RICH_DEFINITION = xtceText({
  types: [
    unsigned('u3', 3),
    unsigned('u5', 5),
    unsigned('u8', 8),
    unsigned('u16', 16),
    unsigned('u64', 64),
    '<IntegerParameterType name="bcd"><IntegerDataEncoding sizeInBits="12" encoding="packedBCD"/></IntegerParameterType>',
    '<IntegerParameterType name="little"><IntegerDataEncoding sizeInBits="32" encoding="twosComplement" byteOrder="leastSignificantByteFirst"/></IntegerParameterType>',
    '<FloatParameterType name="f64"><FloatDataEncoding sizeInBits="64"/></FloatParameterType>',
    '<FloatParameterType name="mil"><FloatDataEncoding sizeInBits="48" encoding="MILSTD_1750A"/></FloatParameterType>',
    `<FloatParameterType name="spline"><IntegerDataEncoding sizeInBits="8"><DefaultCalibrator><SplineCalibrator order="1">
<SplinePoint raw="10" calibrated="1"/><SplinePoint raw="200" calibrated="2"/></SplineCalibrator></DefaultCalibrator></IntegerDataEncoding></FloatParameterType>`,
    `<EnumeratedParameterType name="mode"><IntegerDataEncoding sizeInBits="2"/><EnumerationList>
<Enumeration value="0" label="OFF"/><Enumeration value="1" maxValue="2" label="ON"/></EnumerationList></EnumeratedParameterType>`,
    '<StringParameterType name="ended"><StringDataEncoding><SizeInBits><TerminationChar>00</TerminationChar></SizeInBits></StringDataEncoding></StringParameterType>',
    '<StringParameterType name="led"><StringDataEncoding><SizeInBits><LeadingSize sizeInBitsOfSizeTag="8"/></SizeInBits></StringDataEncoding></StringParameterType>',
    `<BinaryParameterType name="sized"><BinaryDataEncoding><SizeInBits><DynamicValue><ParameterInstanceRef parameterRef="LENGTH"/>
<LinearAdjustment slope="8" intercept="-64"/></DynamicValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>`,
    '<AbsoluteTimeParameterType name="time"><Encoding><IntegerDataEncoding sizeInBits="64"/></Encoding><ReferenceTime><Epoch>TAI</Epoch></ReferenceTime></AbsoluteTimeParameterType>',
    '<AggregateParameterType name="pair"><MemberList><Member name="a" typeRef="u3"/><Member name="b" typeRef="u5"/></MemberList></AggregateParameterType>',
    `<ArrayParameterType name="list" arrayTypeRef="pair"><DimensionList><Dimension><StartingIndex><FixedValue>0</FixedValue></StartingIndex>
<EndingIndex><DynamicValue><ParameterInstanceRef parameterRef="COUNT"/></DynamicValue></EndingIndex></Dimension></DimensionList></ArrayParameterType>`,
  ].join('\n'),
  parameters: [
    ['ID', 'u16'],
    ['SEQUENCE', 'u16'],
    ['LENGTH', 'u16'],
    ['KIND', 'u8'],
    ['COUNT', 'u8'],
    ['PAIR', 'pair'],
    ['LIST', 'list'],
    ['WIDE', 'u64'],
    ['BCD', 'bcd'],
    ['LITTLE', 'little'],
    ['F64', 'f64'],
    ['MIL', 'mil'],
    ['SPLINE', 'spline'],
    ['MODE', 'mode'],
    ['ENDED', 'ended'],
    ['LED', 'led'],
    ['SIZED', 'sized'],
    ['TIME', 'time'],
  ]
    .map(([name = '', type = '']) => `<Parameter name="${name}" parameterTypeRef="${type}"/>`)
    .join('\n'),
  containers: `<SequenceContainer name="Packet" abstract="true"><EntryList><ParameterRefEntry parameterRef="ID"/><ParameterRefEntry parameterRef="SEQUENCE"/>
<ParameterRefEntry parameterRef="LENGTH"/><ParameterRefEntry parameterRef="KIND"/></EntryList></SequenceContainer>
<SequenceContainer name="Lists"><EntryList><ParameterRefEntry parameterRef="COUNT"/><ParameterRefEntry parameterRef="LIST"/>
<ContainerRefEntry containerRef="Inner"><RepeatEntry><Count><DynamicValue><ParameterInstanceRef parameterRef="COUNT"/></DynamicValue></Count></RepeatEntry></ContainerRefEntry>
</EntryList><BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="KIND" value="1"/></RestrictionCriteria></BaseContainer></SequenceContainer>
<SequenceContainer name="Inner"><EntryList><ParameterRefEntry parameterRef="PAIR"><IncludeCondition><Comparison parameterRef="COUNT" comparisonOperator="&lt;" value="9"/></IncludeCondition></ParameterRefEntry></EntryList></SequenceContainer>
<SequenceContainer name="Scalars"><EntryList><ParameterRefEntry parameterRef="WIDE"/><ParameterRefEntry parameterRef="BCD"/><ParameterRefEntry parameterRef="MODE"/>
<ParameterRefEntry parameterRef="LITTLE"/><ParameterRefEntry parameterRef="F64"/><ParameterRefEntry parameterRef="MIL"/><ParameterRefEntry parameterRef="SPLINE"/>
<ParameterRefEntry parameterRef="TIME"/></EntryList><BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="KIND" value="2"/></RestrictionCriteria></BaseContainer></SequenceContainer>
<SequenceContainer name="Texts"><EntryList><ParameterRefEntry parameterRef="ENDED"/><ParameterRefEntry parameterRef="LED"/><ParameterRefEntry parameterRef="SIZED"/></EntryList>
<BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="KIND" value="3"/></RestrictionCriteria></BaseContainer></SequenceContainer>
<SequenceContainer name="Jumps"><EntryList><ParameterRefEntry parameterRef="COUNT"><LocationInContainerInBits referenceLocation="containerStart"><DynamicValue><ParameterInstanceRef parameterRef="SEQUENCE"/></DynamicValue></LocationInContainerInBits></ParameterRefEntry>
<ParameterRefEntry parameterRef="PAIR"><LocationInContainerInBits referenceLocation="containerEnd"><FixedValue>8</FixedValue></LocationInContainerInBits></ParameterRefEntry></EntryList>
<BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="KIND" value="4"/></RestrictionCriteria></BaseContainer></SequenceContainer>`,
});
