/** Four bearings run to failure (NASA/IMS): which one the package names, and when, after a fit on the healthy first third. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineEvent, Summary } from '../../domain/events';
import { heading, linesOf, percent, ROOT, row, type Quality } from './quality-support';

const MISSION = join(ROOT, 'rules/ims-bearings/mission.yaml');
const HEALTHY_ROWS = 700;

export const qualityIms = (quality: Quality): void => {
  const [header = '', ...rows] = linesOf(join(quality.recordings('ims-bearings'), 'test1.csv'));
  const [healthy, rest, config] = [quality.at('healthy.csv'), quality.at('rest.csv'), quality.at('ims.yaml')];
  writeFileSync(healthy, `${[header, ...rows.slice(0, HEALTHY_ROWS)].join('\n')}\n`);
  writeFileSync(rest, `${[header, ...rows.slice(HEALTHY_ROWS)].join('\n')}\n`);
  writeFileSync(config, `mission: ${MISSION}\nmodel: ims-model\nfalseAlarmsPerDay: 0.5\n`);
  quality.fdir('fit', '--mission', MISSION, '--nominal', healthy, '--out', quality.at('ims-model'));
  const events = quality
    .fdir('replay', rest, '--config', config, '--json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PipelineEvent | Summary);
  const latest = new Map(events.flatMap((event) => (event.type === 'anomaly' ? [[event.id, event] as const] : [])));
  heading(
    'Bearings run to failure (published outcome: b3 and b4 fail, b3 first)',
    'from',
    'to',
    'bearing',
    'fault',
    'confidence',
  );
  for (const { start, end, verdict } of latest.values())
    row(start, end ?? 'end of the recording', verdict.equipment, verdict.fault, percent(verdict.confidence));
};
