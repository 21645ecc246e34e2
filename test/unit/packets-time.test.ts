/** Times of packets: CUC and CDS with and without P-field, epochs, leap seconds, correlation, times that cannot be. */
import { readPackets } from '../../src/packets/stream/packet-reader';
import type { SpacePacket } from '../../src/packets/stream/space-packet';
import { formatTime } from '../../src/packets/time/format-time';
import { LEAP_SECONDS, readLeapSeconds, taiOfUtc, utcOfTai } from '../../src/packets/time/leap-seconds';
import { createPacketClock, type TimeSpec } from '../../src/packets/time/packet-clock';
import { spacePacket } from '../support/xtce-text';

const packetWith = (data: readonly number[], secondary = true): SpacePacket => {
  const [item] = readPackets(spacePacket(5, 1, data, { secondary })).items;
  if (item?.type !== 'packet') throw new Error('no packet');
  return item.packet;
};
const timeOf = (spec: TimeSpec, data: readonly number[]): string => {
  const time = createPacketClock(spec).timeOf(packetWith(data), undefined);
  return time.ok ? formatTime(time.timeMs) : `${time.reason}: ${time.message}`;
};
const bytesOf = (value: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(value / 256 ** (count - 1 - index)) % 256);

const INSTANT = Date.UTC(2021, 3, 9);
/** Whole days, and TAI seconds with 37 leap seconds, since 1958. */
const DAYS = (INSTANT - Date.UTC(1958, 0, 1)) / 86_400_000;
const TAI_SECONDS = DAYS * 86_400 + 37;

test.each<[string, TimeSpec, readonly number[], string]>([
  [
    'CDS of 16 bits of days and microseconds',
    { secondaryHeader: 'cds' },
    [...bytesOf(DAYS, 2), ...bytesOf(7, 4), ...bytesOf(137, 2)],
    '2021-04-09T00:00:00.007137Z',
  ],
  [
    'CDS with P-field',
    { secondaryHeader: 'cds', pField: true },
    [0x41, ...bytesOf(DAYS, 2), ...bytesOf(7, 4), ...bytesOf(137, 2)],
    '2021-04-09T00:00:00.007137Z',
  ],
  [
    'CDS of 24 bits of days, picoseconds',
    { secondaryHeader: 'cds', pField: true },
    [0x46, ...bytesOf(DAYS, 3), ...bytesOf(7, 4), ...bytesOf(137e6, 4)],
    '2021-04-09T00:00:00.007137Z',
  ],
  [
    'CDS below milliseconds nothing',
    { secondaryHeader: 'cds', subMillisecondBytes: 0 },
    [...bytesOf(DAYS, 2), ...bytesOf(1007, 4)],
    '2021-04-09T00:00:01.007Z',
  ],
  ['CUC counts TAI', { secondaryHeader: 'cuc' }, [...bytesOf(TAI_SECONDS, 4), 0x80, 0], '2021-04-09T00:00:00.500Z'],
  [
    'CUC with P-field',
    { secondaryHeader: 'cuc', pField: true },
    [0x1e, ...bytesOf(TAI_SECONDS, 4), 0x40, 0],
    '2021-04-09T00:00:00.250Z',
  ],
  [
    'CUC with a P-field of two bytes',
    { secondaryHeader: 'cuc', pField: true },
    [0x9e, 0x04, ...bytesOf(TAI_SECONDS, 4), 0x40, 0, 0],
    '2021-04-09T00:00:00.250Z',
  ],
  [
    'CUC of an own epoch, UTC',
    { secondaryHeader: 'cuc', epoch: '2020-01-01T00:00:00Z', scale: 'utc' },
    [...bytesOf(86_400, 4), 0, 0],
    '2020-01-02T00:00:00.000Z',
  ],
  [
    'CUC of an own epoch over a leap second',
    { secondaryHeader: 'cuc', epoch: '2016-12-31T00:00:00Z' },
    [...bytesOf(86_401, 4), 0, 0],
    '2017-01-01T00:00:00.000Z',
  ],
  [
    'an agency epoch of the P-field',
    { secondaryHeader: 'cuc', pField: true, epoch: '2000-01-01T00:00:00Z' },
    [0x2c, ...bytesOf(60, 4)],
    '2000-01-01T00:01:00.000Z',
  ],
  ['GPS seconds', { secondaryHeader: 'gps' }, bytesOf(1_301_961_618, 4), '2021-04-09T00:00:00.000Z'],
  ['Unix seconds', { secondaryHeader: 'unix' }, bytesOf(INSTANT / 1000, 4), '2021-04-09T00:00:00.000Z'],
  [
    'a time code behind other bytes',
    { secondaryHeader: 'unix', offset: 2 },
    [1, 2, ...bytesOf(INSTANT / 1000, 4)],
    '2021-04-09T00:00:00.000Z',
  ],
  [
    'a clock that is 3 s late',
    { secondaryHeader: 'unix', correlation: { offsetMs: 3000 } },
    bytesOf(INSTANT / 1000, 4),
    '2021-04-09T00:00:03.000Z',
  ],
  [
    'a clock that loses 10 ppm',
    { secondaryHeader: 'unix', correlation: { offsetMs: 0, drift: 1e-5, atMs: INSTANT - 100_000_000 } },
    bytesOf(INSTANT / 1000, 4),
    '2021-04-09T00:00:01.000Z',
  ],
])('%s', (_, spec, data, expected) => {
  expect(timeOf(spec, data)).toBe(expected);
});

test.each<[string, TimeSpec, readonly number[], RegExp]>([
  [
    'a time code that is cut short',
    { secondaryHeader: 'cds' },
    [1, 2, 3],
    /^unreadable: the time code takes 8 bytes; 3 are there/,
  ],
  [
    'a day of too many milliseconds',
    { secondaryHeader: 'cds' },
    [0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0],
    /^unreadable: 4294967295 ms of the day/,
  ],
  [
    'a P-field of another code',
    { secondaryHeader: 'cuc', pField: true },
    [0x50, 1, 2, 3, 4, 5, 6, 7],
    /^unreadable: the time code 5/,
  ],
  [
    'an agency epoch that nobody gave',
    { secondaryHeader: 'cuc', pField: true },
    [0x2c, 0, 0, 0, 1],
    /^unreadable: .*epoch is the agency/,
  ],
  [
    'a time far in the future',
    { secondaryHeader: 'cuc', coarseBytes: 5, fineBytes: 0 },
    [255, 255, 255, 255, 255],
    /^absurd: /,
  ],
  [
    'a time before the epoch',
    { secondaryHeader: 'unix', correlation: { offsetMs: -5000 } },
    [0, 0, 0, 1],
    /^absurd: .*1969-12-31T23:59:56/,
  ],
])('%s is told, not guessed', (_, spec, data, expected) => {
  expect(timeOf(spec, data)).toMatch(expected);
});

test('a packet without secondary header has no time', () => {
  expect(createPacketClock({ secondaryHeader: 'cds' }).timeOf(packetWith([1], false), undefined)).toEqual({
    ok: false,
    reason: 'none',
    message: 'the packet has no secondary header',
  });
});

test('an epoch that is no date is refused at once', () => {
  expect(() => createPacketClock({ secondaryHeader: 'cuc', epoch: 'yesterday' })).toThrow(RangeError);
});

describe('leap seconds', () => {
  test('TAI - UTC of dates', () => {
    const offsets = ['1971-01-01', '1972-01-01', '1999-01-01', '2016-12-31', '2017-01-01'].map((date) => {
      const utc = Date.parse(`${date}T00:00:00Z`);
      return (taiOfUtc(LEAP_SECONDS, utc) - utc) / 1000;
    });
    expect(offsets).toEqual([0, 10, 32, 36, 37]);
  });

  test('UTC to TAI and back', () => {
    for (const { fromMs } of LEAP_SECONDS.steps) {
      for (const utc of [fromMs, fromMs + 1, fromMs + 86_400_000])
        expect(utcOfTai(LEAP_SECONDS, taiOfUtc(LEAP_SECONDS, utc))).toBe(utc);
    }
  });

  test('the table of IERS replaces ours', () => {
    const read = readLeapSeconds('# comment\n2272060800 10 # 1 Jan 1972\n3692217600\t37\n');
    expect(read).toEqual({
      ok: true,
      table: {
        steps: [
          { fromMs: Date.UTC(1972, 0, 1), offsetSeconds: 10 },
          { fromMs: Date.UTC(2017, 0, 1), offsetSeconds: 37 },
        ],
      },
    });
    expect(readLeapSeconds('2272060800 10\nnonsense\n')).toMatchObject({ ok: false, line: 2 });
    expect(readLeapSeconds('3692217600 37\n2272060800 10\n')).toMatchObject({ ok: false, line: 2 });
  });

  test('a replaced table changes the time', () => {
    const leapSeconds = { steps: [...LEAP_SECONDS.steps, { fromMs: Date.UTC(2020, 0, 1), offsetSeconds: 38 }] };
    expect(timeOf({ secondaryHeader: 'cuc', leapSeconds }, [...bytesOf(TAI_SECONDS, 4), 0, 0])).toBe(
      '2021-04-08T23:59:59.000Z',
    );
  });
});
