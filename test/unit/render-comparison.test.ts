import { join } from 'node:path';
import { compareWithLabels, renderComparison } from '../../src/commands/render/comparison';
import { plain } from '../../src/commands/render/look';
import { loadMission } from '../../src/config/load-mission';
import type { Explanation } from '../../src/domain/explanation';
import { ANOMALY_START, openAnomaly } from '../support/open-anomaly';

const mission = loadMission(join(__dirname, '../../rules/mission.yaml'));
const MINUTE = 60_000;

const label = (minute: number, equipment: string, fault: string) => ({
  start: ANOMALY_START + minute * MINUTE,
  end: ANOMALY_START + (minute + 10) * MINUTE,
  equipment,
  fault,
});
const found = (minute: number, equipment: string, fault: string): Explanation => {
  const anomaly = openAnomaly({ state: 'closed', start: ANOMALY_START + minute * MINUTE, equipment, fault });
  return { ...anomaly, end: new Date(ANOMALY_START + (minute + 9) * MINUTE).toISOString() };
};

const labels = [label(0, 'rw1', 'friction-rise'), label(30, 'rw2', 'torque-loss'), label(60, 'rw0', 'dropout')];
const right = found(1, 'rw1', 'friction-rise');
const beside = found(31, 'rw3', 'offset');
const onUnit = found(32, 'rw2', 'offset');
const nothing = found(90, 'rw2', 'offset');

test('an anomaly of the labelled unit answers the label before one of another unit; what overlaps nothing is false', () => {
  expect(compareWithLabels(labels, [right, beside, onUnit, nothing])).toEqual({
    matches: [
      { label: labels[0], anomaly: right },
      { label: labels[1], anomaly: onUnit },
      { label: labels[2], anomaly: undefined },
    ],
    false: [nothing],
  });
});

test('the table says for every fault whether unit and name were right, and sums up', () => {
  const lines = renderComparison(mission, compareWithLabels(labels, [right, beside, onUnit, nothing]), {
    width: 80,
    paint: plain,
  });
  expect(lines).toEqual([
    '            unit  fault                 found after  right unit  right fault',
    '  04:12:08  rw1   friction rise         1 min        yes         yes',
    '  04:42:08  rw2   torque loss           2 min        yes         no',
    '  05:12:08  rw0   intermittent dropout  not found    no          no',
    '',
    '  2 of 3 faults found, 2 on the right unit, 1 named right; 1 false alarm.',
  ]);
});

test('an anomaly that is still open overlaps everything after its start', () => {
  const open = openAnomaly({ start: ANOMALY_START, equipment: 'rw1' });
  expect(compareWithLabels(labels, [open]).matches.map(({ anomaly }) => anomaly?.id)).toEqual([
    open.id,
    open.id,
    open.id,
  ]);
});
