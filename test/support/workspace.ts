/** A folder with a tiny mission, model, rules and configuration, as an operator would have them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TINY_MISSION_YAML, tinyMission } from './tiny-mission';
import { writeTinyPackage } from './tiny-model';

const RULES = `eventActions:
  - id: switch-wheel
    title: Switch off the wheel
    level: 2
    when: { equipment: [rw0, rw1], confidence: 0.5, duration: 5s }
    action: { command: WHEEL_OFF, arguments: { wheel: '\${equipment}' } }
    because: A wheel that lies about its current cannot be controlled.
`;

export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  write(name: string, content: string | readonly string[]): string;
  remove(): void;
}

export const makeWorkspace = async (): Promise<Workspace> => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-work-'));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | readonly string[]): string => {
    writeFileSync(path(name), typeof content === 'string' ? content : content.map((line) => `${line}\n`).join(''));
    return path(name);
  };
  write('mission.yaml', TINY_MISSION_YAML);
  write('rules.yaml', RULES);
  await writeTinyPackage(path('model'), tinyMission());
  write('limits.yaml', 'mission: mission.yaml\n');
  write('fdir.yaml', 'mission: mission.yaml\nmodel: model\nrules: [rules.yaml]\nmode: active\n');
  return {
    folder,
    path,
    write,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
