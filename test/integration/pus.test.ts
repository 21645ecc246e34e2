/** The packet utilisation standard: verifications, events, and telecommands made of MetaCommands. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readTelemetryMessage } from '../../src/adapters/mqtt/telemetry-message';
import { initialTelecommands, tellTelecommands } from '../../src/core/telemetry/telecommands';
import { topicsOf } from '../../src/core/topics';
import { TelecommandPackets } from '../../src/adapters/packets/telecommand-packets';
import { PacketTelemetry } from '../../src/adapters/packets/packet-telemetry';
import { PusTelecommands, type PusState } from '../../src/adapters/packets/pus-telecommands';
import { loadMission } from '../../src/config/load-mission';
import type { RecoveryRequest } from '../../src/domain/events';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { checksumOf } from '../../src/packets/stream/checksum';
import { readPackets } from '../../src/packets/stream/packet-reader';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import {
  acceptance,
  housekeeping,
  PUS_TIME,
  PUS_XTCE,
  pusMission,
  pusReport,
  stallEvent,
  verification,
} from '../support/pus-bus';

const SEED = 20_261_128;
const AT = { receivedAt: PUS_TIME, latest: PUS_TIME + 3_600_000 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-pus-'));
  writeFileSync(join(folder, 'bus.xml'), PUS_XTCE);
  writeFileSync(join(folder, 'mission.yaml'), pusMission('BUS-1'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Of packets whose counts are their seconds. */
const marks = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    apid: 7,
    sequence: from + index,
    stamp: PUS_TIME + (from + index) * 1000,
  }));

const openTelemetry = (): PacketTelemetry => {
  const telemetry = PacketTelemetry.of(loadMission(join(folder, 'mission.yaml')));
  if (telemetry === undefined) throw new Error('the mission has packets');
  return telemetry;
};

const request = (id: string, changes: Partial<RecoveryRequest> = {}): RecoveryRequest => ({
  schemaVersion: 1,
  id,
  rule: 'stop-stalled-wheel',
  level: 2,
  spacecraft: 'BUS-1',
  time: '2026-03-01T00:00:00Z',
  command: 'WHEEL_OFF',
  arguments: { wheel: 'rw2' },
  expiry: '2026-03-01T00:05:00Z',
  explanationId: 'x',
  explanationRevision: 1,
  disposition: 'request',
  trace: [],
  because: 'it is stalled',
  ...changes,
});

/** Telecommands with a log of their own. */
const openTelecommands = (kept: { state?: PusState } = {}, checksum?: 'crc16-ccitt') =>
  PusTelecommands.open(join(folder, 'bus.xml'), {
    checksum,
    parameters: { SOURCE: 66 },
    kept: kept.state,
    keep: (state) => {
      kept.state = state;
    },
  });

const packetOf = (telecommands: PusTelecommands, asked: RecoveryRequest): Uint8Array => {
  const encoded = telecommands.encode(asked);
  if ('problem' in encoded) throw new Error(encoded.problem);
  return encoded.payload;
};

test('the definition of this test is honoured whole', () => {
  expect(readDefinition(PUS_XTCE).problems).toEqual([]);
});

test('housekeeping (service 3) is read by its container, at the time of its secondary header', () => {
  expect(openTelemetry().read(housekeeping(5, 5, 2800), AT)).toEqual({
    frames: [{ time: PUS_TIME + 5000, values: { bus_voltage: 28, rw2_speed: 2000 } }],
    drops: [],
    packets: marks(5, 5),
  });
});

test('an event (service 5) is a report with number, severity, unit and what it carries', () => {
  const { frames, reports, drops } = openTelemetry().read(stallEvent(9, 3), AT);
  expect({ frames, drops }).toEqual({ frames: [], drops: [] });
  expect(reports).toEqual([
    {
      type: 'report',
      time: '2026-03-01T00:00:03Z',
      name: 'EVENT_STALL',
      number: 17,
      severity: 'high',
      apid: 7,
      sequence: 9,
      equipment: 'rw2',
      values: { friction: 300 },
    },
  ]);
});

describe('reports of services 12 and 19', () => {
  test('have the words of their container; what comes several times is numbered', () => {
    const transitions = Buffer.from([2, 0, 7, 0, 4, 0, 9, 4, 0]);
    expect(openTelemetry().read(pusReport(9, 3, [12, 12], transitions), AT).reports).toEqual([
      {
        ...{ type: 'report', name: 'CHECK_TRANSITIONS', service: 12, subtype: 12, severity: 'informative' },
        ...{ time: '2026-03-01T00:00:03Z', apid: 7, sequence: 9 },
        values: {
          ...{ TRANSITIONS: 2, 'MONITOR[0]': 7, 'WAS[0]': 'withinLimits', 'IS[0]': 'aboveHighLimit' },
          ...{ 'MONITOR[1]': 9, 'WAS[1]': 'aboveHighLimit', 'IS[1]': 'withinLimits' },
        },
      },
    ]);
  });

  test.each([
    [12, 9, 'parameter monitoring definition report'],
    [12, 11, 'out-of-limits report'],
    [12, 14, 'parameter monitoring definition status report'],
    [12, 26, 'functional monitoring definition report'],
    [12, 28, 'functional monitoring definition status report'],
    [19, 7, 'event-action status report'],
    [19, 11, 'event-action definition report'],
  ])('without a container (%i, %i) have the name of the standard and their bytes', (service, subtype, name) => {
    const { reports, drops } = openTelemetry().read(pusReport(9, 3, [service, subtype], Buffer.from([1, 0, 171])), AT);
    expect(drops).toEqual([]);
    expect(reports).toMatchObject([{ name, service, subtype, values: { data: '0100ab', bytes: 3 } }]);
  });

  test('of a subtype that the standard does not have are malformed without a container', () => {
    const { reports, drops } = openTelemetry().read(pusReport(9, 3, [19, 99], Buffer.from([1])), AT);
    expect([reports, drops.map(({ reason }) => reason)]).toEqual([undefined, ['malformed']]);
  });

  test('with more values than the log keeps say how many were left out', () => {
    const many = Buffer.concat([Buffer.of(255), Buffer.alloc(255 * 4)]);
    const [report] = openTelemetry().read(pusReport(9, 3, [12, 12], many), AT).reports ?? [];
    expect(report?.values['values left out']).toBe(1 + 255 * 3 - 500);
  });
});

test('events and verifications are read where the definition does not have them', () => {
  const { reports, drops } = openTelemetry().read(pusReport(9, 3, [5, 2], Buffer.from([0, 99, 1])), AT);
  expect(reports).toMatchObject([{ name: 'event 99', number: 99, severity: 'low', values: {} }]);
  expect(drops).toEqual([]);
});

describe('a request', () => {
  test('leaves as the telecommand packet of its MetaCommand', () => {
    const bytes = packetOf(openTelecommands(), request('a'));
    expect([...bytes]).toEqual([0x18, 100, 0xc0, 0, 0, 5, 0x29, 8, 1, 0, 66, 2]);
    const { definition } = readDefinition(PUS_XTCE);
    const decoder = definition && compileDecoder(definition, { kind: 'command', container: 'Packet' }).decoder;
    const decoded = decoder?.decode(bytes);
    expect([decoded?.command?.name, decoded?.values.at(-1)?.value]).toEqual(['Wheel_Off', 'RW2']);
  });

  test('has a checksum that is counted in its length', () => {
    const bytes = packetOf(openTelecommands({}, 'crc16-ccitt'), request('a'));
    expect([bytes[5], checksumOf('crc16-ccitt', bytes.subarray(0, -2))]).toEqual([
      7,
      Buffer.from(bytes).readUInt16BE(12),
    ]);
    expect(readPackets(bytes, { checksum: 'crc16-ccitt' }).items).toMatchObject([{ type: 'packet' }]);
  });

  test('counts its APID on over a restart, and the same request is the same packet', () => {
    const kept: { state?: PusState } = {};
    const first = openTelecommands(kept);
    const [a, b] = [packetOf(first, request('a')), packetOf(first, request('b'))];
    const next = openTelecommands(kept);
    expect(packetOf(next, request('a'))).toEqual(a);
    const counts = [a, b, packetOf(next, request('c'))].map((bytes) => bytes[3]);
    expect([counts, next.requestOf(100, 1), next.requestOf(100, 3)]).toEqual([[0, 1, 2], 'b', undefined]);
  });

  test.each([
    ['a command that is not defined', { command: 'WHEEL_ON' }, /no command WHEEL_ON/],
    ['a label that is not defined', { arguments: { wheel: 'rw9' } }, /argument WHEEL: .*rw9/],
    ['an argument that is missing', { arguments: {} }, /argument WHEEL: is missing/],
  ])('for %s is told, and takes no count', (_, changes, message) => {
    const telecommands = openTelecommands();
    expect(telecommands.encode(request('a', changes))).toEqual({ problem: expect.stringMatching(message) as string });
    expect(packetOf(telecommands, request('b'))[3]).toBe(0);
  });

  test('that the log cannot keep does not leave', () => {
    const telecommands = PusTelecommands.open(join(folder, 'bus.xml'), {
      parameters: { SOURCE: 66 },
      kept: undefined,
      keep: () => {
        throw new Error('the disk is full');
      },
    });
    expect(telecommands.encode(request('a'))).toEqual({
      problem: 'the log cannot keep which packet it is: the disk is full',
    });
  });

  test('that no telecommand can be made for is told with its rule before the start', () => {
    const asked = { rule: 'r', arguments: ['wheel', 'speed'] };
    expect(
      openTelecommands()
        .problemsOf([
          { ...asked, command: 'WHEEL_OFF' },
          { ...asked, command: 'WHEEL_ON' },
        ])
        .map(({ message }) => message),
    ).toEqual([
      'rule r gives WHEEL_OFF the argument "speed", which Wheel_Off of the definition has not',
      'rule r requests WHEEL_ON, and the definition has no command of that name that can be sent',
    ]);
  });
});

test(`whatever was kept, telecommands go on (seed ${String(SEED)})`, () => {
  const count = fc.oneof(fc.integer(), fc.constant(-1), fc.string());
  const kept = fc.oneof(
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.record({ next: fc.dictionary(fc.string(), count), sent: fc.array(fc.tuple(count, count, fc.string())) }),
  );
  fc.assert(
    fc.property(kept, (state) => {
      const telecommands = openTelecommands({ state: state as PusState });
      const bytes = Buffer.from(packetOf(telecommands, request('a')));
      expect([bytes.length, telecommands.requestOf(100, bytes.readUInt16BE(2) & 0x3fff)]).toEqual([12, 'a']);
    }),
    { seed: SEED, numRuns: 30 },
  );
});

describe('telecommand packets on the topic command', () => {
  const topics = topicsOf('fdir', 'BUS-1');
  const tell = (payload: Buffer) => {
    const packets = loadMission(join(folder, 'mission.yaml')).packets;
    const reader = packets && new TelecommandPackets(packets);
    const message = { topic: topics.command, payload, qos: 1, isAgain: false, isRetained: false };
    const telecommands = reader && ((bytes: Uint8Array, at: number) => reader.read(bytes, at));
    const options = { topics, parameters: new Set<string>(), maxLeadMs: 60_000, telecommands };
    return readTelemetryMessage(message, options, PUS_TIME);
  };

  test('are told by their MetaCommand, at the time they came; JSON is taken as ever', () => {
    const packet = Buffer.from(packetOf(openTelecommands(), request('a')));
    expect(tell(Buffer.concat([packet, packet]))?.telecommands).toEqual(
      Array.from({ length: 2 }, () => ({ time: PUS_TIME, name: 'WHEEL_OFF', arguments: { wheel: 'RW2' } })),
    );
    const json = ` [{ "time": "2026-03-01T00:00:00Z", "name": "X", "arguments": {} }]`;
    expect(tell(Buffer.from(json))?.telecommands).toEqual([{ time: PUS_TIME, name: 'X', arguments: {} }]);
  });

  test('that the definition does not tell apart have the names of both, and count as neither', () => {
    // A second command of the same service, subtype and arguments.
    const [copy] = /<MetaCommand name="Wheel_Off">.*?<\/MetaCommand>/s.exec(PUS_XTCE) ?? [''];
    const other = copy.replaceAll('Wheel_Off', 'Wheel_Idle').replace('name="WHEEL"', 'name="UNIT"');
    const twice = PUS_XTCE.replace(copy, `${copy}\n${other.replace('argumentRef="WHEEL"', 'argumentRef="UNIT"')}`);
    writeFileSync(join(folder, 'twice.xml'), twice);
    const { packets } = loadMission(join(folder, 'mission.yaml'));
    if (packets === undefined) throw new Error('the mission has packets');
    const reader = new TelecommandPackets({ ...packets, xtce: join(folder, 'twice.xml') });
    expect(reader.ambiguity).toMatch(
      /twice\.xml:\d+: .*"Wheel_Idle" and Wheel_Off \(line \d+\) look alike in packets: packets of either are shown as "Wheel_Off or Wheel_Idle"/,
    );
    const { telecommands } = reader.read(packetOf(openTelecommands(), request('a')), PUS_TIME);
    expect(telecommands).toEqual([{ time: PUS_TIME, name: 'WHEEL_OFF or WHEEL_IDLE', arguments: {} }]);
    const state = tellTelecommands(initialTelecommands, telecommands, PUS_TIME);
    expect(Object.keys(state.last)).toEqual(['WHEEL_OFF or WHEEL_IDLE']);
  });

  test('that the definition does not know are told with APID, sequence count and byte', () => {
    const unknown = Buffer.from([0x18, 101, 0xc0, 9, 0, 5, 0x29, 8, 1, 0, 66, 2]);
    expect(tell(unknown)).toEqual({
      frames: [],
      telecommands: [],
      drops: [
        { reason: 'malformed', message: expect.stringMatching(/APID 101, sequence count 9, at byte 0/) as string },
      ],
    });
  });

  test(`of any bytes are told or dropped (seed ${String(SEED)})`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        const { telecommands = [], drops = [] } = tell(Buffer.from(bytes)) ?? {};
        expect(telecommands.length + drops.length).toBeGreaterThan(0);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });
});

describe('a verification (service 1)', () => {
  const known = (): { readonly telemetry: PacketTelemetry; readonly bytes: Uint8Array } => {
    const telecommands = openTelecommands();
    const bytes = packetOf(telecommands, request('a'));
    const telemetry = openTelemetry();
    telemetry.requestOf = telecommands.requestOf;
    return { telemetry, bytes };
  };

  test('acknowledges the request that it names', () => {
    const { telemetry, bytes } = known();
    const reports = [acceptance(1, 1, bytes), verification(2, 2, bytes), verification(3, 3, bytes, 0x1234)];
    expect(telemetry.read(Buffer.concat(reports), AT)).toEqual({
      frames: [],
      drops: [],
      packets: marks(1, 3),
      controls: [
        { kind: 'acknowledge', id: 'a', stage: 'accepted', reason: 'the spacecraft says accepted' },
        { kind: 'acknowledge', id: 'a', stage: 'completed', reason: 'the spacecraft says completed' },
        {
          kind: 'acknowledge',
          id: 'a',
          stage: 'failed',
          reason: 'the spacecraft says completion of execution failed (0x1234)',
        },
      ],
    });
  });

  test('of somebody else’s telecommand is none of ours', () => {
    const { telemetry } = known();
    expect(telemetry.read(acceptance(1, 1, Buffer.from([0x18, 100, 0xc0, 9])), AT)).toEqual({
      frames: [],
      drops: [],
      packets: marks(1, 1),
    });
  });

  test('that names no request is malformed', () => {
    const { telemetry } = known();
    const short = pusReport(4, 1, [1, 1], Buffer.from([0x18]));
    expect(telemetry.read(short, AT).drops).toEqual([
      { reason: 'malformed', message: expect.stringMatching(/APID 7, sequence count 4, at byte 0/) as string },
    ]);
  });
});

test(`no report of any bytes breaks anything (seed ${String(SEED)})`, () => {
  const telemetry = openTelemetry();
  const report = fc.tuple(fc.nat(20), fc.nat(255), fc.uint8Array({ minLength: 1, maxLength: 40 }));
  fc.assert(
    fc.property(report, fc.nat(3), ([service, subtype, data], cut) => {
      const bytes = pusReport(1, 1, [service, subtype], data);
      const shortened = bytes.subarray(0, bytes.length - cut);
      const { reports = [], controls = [] } = telemetry.read(shortened, AT);
      expect(controls).toEqual([]);
      for (const { severity } of reports) expect(severity).toMatch(/^(informative|low|medium|high)$/);
    }),
    { seed: SEED },
  );
});
