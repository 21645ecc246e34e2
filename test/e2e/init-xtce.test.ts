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
