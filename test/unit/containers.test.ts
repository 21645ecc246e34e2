/** The container files cannot be built in the tests: a linter reads them, and what they name must be there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load-config';
import { loadMission } from '../../src/config/load-mission';

const ROOT = join(__dirname, '../..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Where the image has the program. */
const INSTALLED = '/opt/fdir';

const compose = z
  .object({
    services: z.record(
      z.string(),
      z.looseObject({
        image: z.string().optional(),
        build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
        network_mode: z.string(),
        volumes: z.array(z.string()),
      }),
    ),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(text('compose.yaml')));

test('the linter finds nothing in the Containerfile', () => {
  expect(validate(text('Containerfile'))).toEqual([]);
});

test('the linter would find a misspelt instruction', () => {
  expect(validate('FROM node:24\nRUNN true\n')).toHaveLength(1);
});

test('the files and volumes that compose.yaml names are there', () => {
  const missing = Object.entries(compose.services).flatMap(([service, { volumes, build }]) => [
    ...volumes
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((source) => (source.startsWith('./') ? !existsSync(join(ROOT, source)) : !(source in compose.volumes)))
      .map((source) => `${service}: ${source}`),
    ...(build !== undefined && !existsSync(join(ROOT, build.context, build.dockerfile)) ? [`${service}: build`] : []),
  ]);
  expect(missing).toEqual([]);
  expect(Object.keys(compose.services)).toEqual(['mosquitto', 'fdir', 'prometheus']);
});

test('the configuration of the container is valid, with the files that the image has', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-containers-'));
  try {
    const file = join(folder, 'fdir.yaml');
    writeFileSync(file, text('containers/fdir.yaml').replaceAll(INSTALLED, ROOT));
    const { mission, config } = loadConfig(file);
    expect({ spacecraft: mission.spacecraft, mode: config.mode, metrics: config.metrics }).toEqual({
      spacecraft: loadMission(join(ROOT, 'rules/mission.yaml')).spacecraft,
      mode: 'passive',
      metrics: { host: '127.0.0.1', port: 9464, perSpacecraft: false },
    });
    expect(text('containers/prometheus.yml')).toContain('127.0.0.1:9464');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
