/** From a definition and a recording of packets to a first judgement, as rules/BRING-YOUR-OWN.md says it, with no file edited by hand. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config';
import { runCli } from '../support/cli';
import { describeWithSharedData, sharedData } from '../support/shared-data';
import { unsigned, xtceText } from '../support/xtce-text';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-xtce-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);
const fdir = async (...args: string[]) => {
  const finished = await runCli(args);
  expect({ args, status: finished.status, stderr: finished.status === 0 ? '' : finished.stderr }).toEqual({
    args,
    status: 0,
    stderr: '',
  });
  return finished;
};

describeWithSharedData('JPSS-1', () => {
  test('init, fit and replay lead from the definition to a first judgement', async () => {
    const recording = path('jpss1.bin');
    copyFileSync(sharedData('jpss1/J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1'), recording);
    const [mission, config, model] = [path('jpss1/mission.yaml'), path('jpss1/fdir.yaml'), path('jpss1/model')];
    const xtce = sharedData('jpss1/jpss1_geolocation_xtce_v1.xml');
    await fdir('init', '--xtce', xtce, recording, '--spacecraft', 'JPSS1', '--out', mission);
    await fdir('fit', '--mission', mission, '--nominal', recording, '--out', model);
    const { stdout } = await fdir('replay', recording, '--config', config, '--json');
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as object;
    expect(summary).toMatchObject({ type: 'summary', frames: 7200, windows: 1796, unscored: 0, dropped: {} });
    expect(readFileSync(config, 'utf8')).toContain('model: model # made by fdir fit');
  }, 600_000);
});

test('alarms that plain limits cannot say become monitors, which the drafted configuration names and a replay evaluates', async () => {
  const range = (low: number, high: number): string =>
    `<StaticAlarmRanges><CriticalRange minInclusive="${String(low)}" maxInclusive="${String(high)}"/></StaticAlarmRanges>`;
  writeFileSync(
    path('bus.xml'),
    xtceText({
      types: `${unsigned('u8', 8)}${unsigned('u48', 48)}
<AbsoluteTimeParameterType name="time"><Encoding units="seconds"><IntegerDataEncoding sizeInBits="32"/></Encoding><ReferenceTime><Epoch>UNIX</Epoch></ReferenceTime></AbsoluteTimeParameterType>
<IntegerParameterType name="volt" signed="false"><IntegerDataEncoding sizeInBits="8"/><DefaultAlarm>${range(20, 60)}</DefaultAlarm>
<ContextAlarmList><ContextAlarm>${range(0, 250)}<ContextMatch><Comparison parameterRef="MODE" value="1"/></ContextMatch></ContextAlarm></ContextAlarmList></IntegerParameterType>`,
      parameters: [
        ['HEADER', 'u48'],
        ['CLOCK', 'time'],
        ['VOLT', 'volt'],
        ['MODE', 'u8'],
      ]
        .map(([name = '', type = '']) => `<Parameter name="${name}" parameterTypeRef="${type}"/>`)
        .join(''),
      containers: `<SequenceContainer name="HK"><EntryList>${['HEADER', 'CLOCK', 'VOLT', 'MODE'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>`,
    }),
  );
  const START = Date.UTC(2026, 2, 1) / 1000;
  const packets = Array.from({ length: 400 }, (_, second) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(0x0807, 0);
    bytes.writeUInt16BE(0xc000 | second, 2);
    bytes.writeUInt16BE(5, 4);
    bytes.writeUInt32BE(START + second, 6);
    const isOn = second % 20 >= 10;
    // At 205 s far too high, while the mode does not allow it.
    bytes.set([second === 205 ? 200 : isOn ? 150 + (second % 7) : 40 + (second % 5), isOn ? 1 : 0], 10);
    return bytes;
  });
  writeFileSync(path('bus.bin'), Buffer.concat(packets));
  const [mission, config] = [path('mission.yaml'), path('fdir.yaml')];
  await fdir('init', '--xtce', path('bus.xml'), path('bus.bin'), '--spacecraft', 'BUS', '--out', mission);
  expect(existsSync(path('monitoring.yaml'))).toBe(true);
  const { rules } = loadConfig(config);
  expect(rules?.monitors.map(({ id, severity }) => [id, severity])).toEqual([['volt-critical', 'high']]);
  await fdir('check', '--config', config);
  const { stdout } = await fdir('replay', path('bus.bin'), '--config', config, '--json');
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly to?: string; readonly value?: number });
  expect(events.filter(({ type }) => type === 'check').map(({ to, value }) => [to, value])).toEqual([
    ['aboveHighLimit', 200],
    ['withinLimits', 41],
  ]);
}, 60_000);

describe('a definition alone', () => {
  const RATED = '<DefaultRateInStream basis="perSecond" minimumValue="0.25"/>';
  const definition = (rate: string): string =>
    xtceText({
      types: `${unsigned('u8', 8)}${unsigned('u16', 16)}
<IntegerParameterType name="volt" signed="false"><UnitSet><Unit>V</Unit></UnitSet><IntegerDataEncoding sizeInBits="8"/><DefaultAlarm><StaticAlarmRanges>
<CriticalRange minInclusive="20" maxInclusive="60"/></StaticAlarmRanges></DefaultAlarm></IntegerParameterType>
<EnumeratedParameterType name="mode"><IntegerDataEncoding sizeInBits="8"/><EnumerationList><Enumeration value="0" label="OFF"/></EnumerationList></EnumeratedParameterType>`,
      parameters: [
        ['IDENT', 'u16'],
        ['COUNT', 'u16'],
        ['LENGTH', 'u16'],
        ['VOLT', 'volt'],
        ['MODE', 'mode'],
      ]
        .map(([name = '', type = '']) => `<Parameter name="${name}" parameterTypeRef="${type}"/>`)
        .join(''),
      containers: `<SequenceContainer name="Packet" abstract="true"><EntryList>${['IDENT', 'COUNT', 'LENGTH'].map((name) => `<ParameterRefEntry parameterRef="${name}"/>`).join('')}</EntryList></SequenceContainer>
<SequenceContainer name="HK">${rate}<EntryList><ParameterRefEntry parameterRef="VOLT"/><ParameterRefEntry parameterRef="MODE"/></EntryList>
<BaseContainer containerRef="Packet"><RestrictionCriteria><Comparison parameterRef="IDENT" value="7"/></RestrictionCriteria></BaseContainer></SequenceContainer>`,
    });
  const draft = async (rate: string, ...args: string[]): Promise<string> => {
    writeFileSync(path('bus.xml'), definition(rate));
    await fdir('init', '--xtce', path('bus.xml'), '--out', path('mission.yaml'), '--force', ...args);
    return readFileSync(path('mission.yaml'), 'utf8');
  };

  test('gives a mission that the daemon takes, without the headers of packets, and says that the period is no more than a default', async () => {
    const text = await draft('');
    await fdir('check', '--config', path('fdir.yaml'));
    expect(loadConfig(path('fdir.yaml')).mission).toMatchObject({
      spacecraft: 'bus',
      sampling: { periodMs: 1000 },
      parameters: [
        { id: 'VOLT', units: 'V', limits: { critical: [20, 60] } },
        { id: 'MODE', kind: 'event' },
      ],
    });
    expect(text).toContain('# CHECK period: neither a recording nor the definition says how often packets come.');
    expect(text).toContain('# CHECK time: no recording shows it.');
    expect(text).toContain('  # - { id: COUNT }');
    expect(text).not.toContain('never had a value');
  }, 60_000);

  test('takes the period from the rates of the containers, and from the user before them', async () => {
    const rated = await draft(RATED);
    expect(rated).toContain('sampling: { period: 4s,');
    expect(rated).toContain('# CHECK period: as the rates of the containers in the definition say.');
    const given = await draft(RATED, '--period', '10s');
    expect(given).toContain('sampling: { period: 10s,');
    expect(given).not.toContain('CHECK period');
  }, 60_000);

  test('the draft judges packets that come later: its limits hold', async () => {
    await draft(RATED, '--spacecraft', 'BUS');
    const mission = readFileSync(path('mission.yaml'), 'utf8').replace(
      'packets:\n',
      'packets:\n  reception: { start: 2026-03-01T00:00:00Z, period: 4s }\n',
    );
    writeFileSync(path('mission.yaml'), mission);
    const packets = Array.from({ length: 40 }, (_, index) =>
      Buffer.from([0, 7, 0xc0, index, 0, 1, index === 20 ? 99 : 40, 0]),
    );
    writeFileSync(path('bus.bin'), Buffer.concat(packets));
    const { stdout } = await fdir('replay', path('bus.bin'), '--config', path('fdir.yaml'), '--json');
    const values = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly to?: string; readonly value?: number })
      .filter(({ type }) => type === 'check')
      .map(({ to, value }) => [to, value]);
    expect(values).toEqual([
      ['aboveHighLimit', 99],
      ['withinLimits', 40],
    ]);
  }, 60_000);

  test('without recordings and without a definition init says what to give', async () => {
    const { status, stderr } = await runCli(['init', '--out', path('mission.yaml')]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('give recordings, or a definition of packets with --xtce') as string,
    });
    expect(existsSync(path('mission.yaml'))).toBe(false);
  }, 30_000);
});
