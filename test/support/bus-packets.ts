/** A small bus of packets: its definition, its mission, and packets of APID 7 with a voltage. */
export const BUS_XTCE = `<?xml version="1.0"?>
<SpaceSystem name="BUS" xmlns="http://www.omg.org/spec/XTCE/20180204">
  <TelemetryMetaData>
    <ParameterTypeSet>
      <IntegerParameterType name="U16"><IntegerDataEncoding sizeInBits="16"/></IntegerParameterType>
      <IntegerParameterType name="HEAD"><IntegerDataEncoding sizeInBits="48"/></IntegerParameterType>
      <FloatParameterType name="VOLT"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits="16">
        <DefaultCalibrator><PolynomialCalibrator><Term coefficient="0" exponent="0"/><Term coefficient="0.01" exponent="1"/></PolynomialCalibrator></DefaultCalibrator>
      </IntegerDataEncoding></FloatParameterType>
    </ParameterTypeSet>
    <ParameterSet>
      <Parameter name="header" parameterTypeRef="HEAD"/>
      <Parameter name="bus_voltage" parameterTypeRef="VOLT"/>
      <Parameter name="counter" parameterTypeRef="U16"/>
    </ParameterSet>
    <ContainerSet>
      <SequenceContainer name="HK"><EntryList>
        <ParameterRefEntry parameterRef="header"/><ParameterRefEntry parameterRef="bus_voltage"/><ParameterRefEntry parameterRef="counter"/>
      </EntryList></SequenceContainer>
    </ContainerSet>
  </TelemetryMetaData>
</SpaceSystem>
`;

export const BUS_MISSION = `spacecraft: BUS-1
sampling: { period: 1s }
packets: { xtce: bus.xml, reception: { start: "2026-03-01T00:00:00Z", period: 1s } }
parameters:
  - { id: bus_voltage }
`;

/** A packet that only fills the link: APID 2047. */
export const idlePacket = (sequence: number): Buffer => {
  const made = Buffer.alloc(10);
  made.writeUInt16BE(2047, 0);
  made.writeUInt16BE(0xc000 | sequence, 2);
  made.writeUInt16BE(3, 4);
  return made;
};

/** APID 7, telemetry, unsegmented. @param voltage hundredths of a volt @param bytes of data; 4 are whole */
export const busPacket = (sequence: number, voltage: number, bytes = 4): Buffer => {
  const made = Buffer.alloc(6 + bytes);
  made.writeUInt16BE(7, 0);
  made.writeUInt16BE(0xc000 | sequence, 2);
  made.writeUInt16BE(bytes - 1, 4);
  if (bytes >= 2) made.writeUInt16BE(voltage, 6);
  return made;
};
