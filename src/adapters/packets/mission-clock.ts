/** The clock of a mission's packets: what its `packets.time` says, for the part of the program that reads time codes. */
import type { PacketSource } from '../../domain/packet-source';
import type { Field } from '../../packets/decode/values';
import type { LeapSeconds } from '../../packets/time/leap-seconds';
import { createPacketClock, type PacketClock, type TimeSpec } from '../../packets/time/packet-clock';

type Time = NonNullable<PacketSource['time']>;

/** The time code, its epoch, and the clock on board; undefined values are left out. */
const sharedSpec = (time: Time): TimeSpec => {
  const { epoch, scale, offset, drift, at, pField, coarse, fine, dayBytes, subMillisecondBytes } = time;
  return {
    ...(epoch !== undefined && { epoch }),
    ...(scale !== undefined && { scale }),
    ...(pField !== undefined && { pField }),
    ...(coarse !== undefined && { coarseBytes: coarse }),
    ...(fine !== undefined && { fineBytes: fine }),
    ...(dayBytes !== undefined && { dayBytes }),
    ...(subMillisecondBytes !== undefined && { subMillisecondBytes }),
    correlation: {
      offsetMs: (offset ?? 0) * 1000,
      ...(drift !== undefined && { drift }),
      ...(at !== undefined && { atMs: Date.parse(at) }),
    },
  };
};

/** A field may be named by its last part. @param leapSeconds left out: the table built in. */
export const packetClock = (
  { time }: Pick<PacketSource, 'time'>,
  fields: readonly Field[],
  leapSeconds?: LeapSeconds,
): PacketClock => {
  const table: TimeSpec = leapSeconds === undefined ? {} : { leapSeconds };
  if (time === undefined) return createPacketClock(table);
  const shared: TimeSpec = { ...table, ...sharedSpec(time) };
  if (!('parameter' in time)) {
    const { secondaryHeader, position } = time;
    return createPacketClock({ ...shared, secondaryHeader, ...(position !== undefined && { offset: position }) });
  }
  const { parameter, code } = time;
  const field = fields.find(({ id }) => id === parameter) ?? fields.find(({ id }) => id.endsWith(`.${parameter}`));
  return createPacketClock({ ...shared, parameter: field?.id ?? parameter, ...(code !== undefined && { code }) });
};
