/** Dashboard and provisioning files against the shapes that Grafana documents, and against what the console serves. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { annotationQuery, annotationSchema } from '../../src/console/api/annotations';
import { anomalySummarySchema } from '../../src/console/api/anomalies';

const FOLDER = join(__dirname, '../../systemd');
const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');

/** grafana.com/docs, "Provision Grafana": data sources. */
const dataSources = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.strictObject({
      name: z.string().min(1),
      uid: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
      type: z.string().min(1),
      access: z.enum(['proxy', 'direct']),
      url: z.url(),
      isDefault: z.boolean().optional(),
      jsonData: z.record(z.string(), z.unknown()).optional(),
      secureJsonData: z
        .record(z.string(), z.string().regex(/^\$[A-Z_]+$/, 'a secret comes from the environment'))
        .optional(),
    }),
  ),
});

/** The same: dashboards. */
const providers = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string().min(1),
      type: z.literal('file'),
      disableDeletion: z.boolean().optional(),
      updateIntervalSeconds: z.int().min(10).optional(),
      options: z.strictObject({ path: z.string().startsWith('/') }),
    }),
  ),
});

const source = z.strictObject({ type: z.string(), uid: z.string() });
/** A query of the Infinity data source. */
const jsonTarget = z.strictObject({
  refId: z.string(),
  type: z.literal('json'),
  source: z.literal('url'),
  parser: z.literal('backend'),
  format: z.literal('table'),
  url: z.string().startsWith('/api/v1/'),
  url_options: z.strictObject({ method: z.literal('GET'), data: z.string() }),
  root_selector: z.string(),
  columns: z.array(
    z.strictObject({
      selector: z.string(),
      text: z.string(),
      type: z.enum(['string', 'number', 'timestamp', 'timestamp_epoch']),
    }),
  ),
  filters: z.array(z.never()),
  datasource: source,
});
const metricTarget = z.looseObject({ refId: z.string(), expr: z.string(), datasource: source });
const panel = z.looseObject({
  id: z.int(),
  title: z.string(),
  type: z.enum(['stat', 'timeseries', 'table']),
  gridPos: z.strictObject({
    x: z.int().min(0).max(23),
    y: z.int().min(0),
    w: z.int().min(1).max(24),
    h: z.int().min(1),
  }),
  targets: z.array(z.union([jsonTarget, metricTarget])).min(1),
});
const dashboard = z.looseObject({
  uid: z.string().max(40),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  annotations: z.object({
    list: z.array(
      z.strictObject({
        name: z.string(),
        enable: z.boolean(),
        iconColor: z.string(),
        datasource: source,
        target: jsonTarget,
      }),
    ),
  }),
  panels: z.array(panel),
});

const board = dashboard.parse(JSON.parse(read('grafana-dashboard.json')));
const sources = dataSources.parse(parse(read('grafana/datasources/fdir.yaml')));

test('provisioning files have the shape that Grafana reads', () => {
  expect(readdirSync(join(FOLDER, 'grafana')).sort()).toEqual(['dashboards', 'datasources']);
  expect(providers.parse(parse(read('grafana/dashboards/fdir.yaml'))).providers).toHaveLength(1);
});

test('every data source of the dashboard is provisioned, by a variable that is there', () => {
  const variables = new Map(board.templating.list.map((item) => [`\${${item.name}}`, item]));
  const used = [
    ...board.panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource)),
    ...board.annotations.list.map(({ datasource }) => datasource),
  ];
  for (const { type, uid } of used) {
    expect(variables.get(uid)).toMatchObject({ type: 'datasource', query: type });
    expect(sources.datasources.map((item) => item.type)).toContain(type);
  }
});

test('panels do not overlap', () => {
  const taken = new Set<string>();
  for (const { gridPos, title } of board.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        const cell = `${String(x)},${String(y)}`;
        expect(`${title} ${String(taken.has(cell))}`).toBe(`${title} false`);
        taken.add(cell);
      }
});

test('annotations ask for what the console serves, by columns that its answer has', () => {
  const known = Object.keys(annotationSchema.shape);
  for (const { target } of board.annotations.list) {
    const query = new URL(
      target.url.replaceAll(/\$\{__(from|to)\}/g, (_, end) => (end === 'from' ? '1' : '2')),
      'http://x',
    );
    expect(annotationQuery.safeParse(Object.fromEntries(query.searchParams)).success).toBe(true);
    for (const { selector } of target.columns) expect(known).toContain(selector);
    // By these names Grafana knows what is what.
    expect(target.columns.map(({ text }) => text)).toEqual(['time', 'timeEnd', 'title', 'text', 'tags']);
  }
  expect(board.annotations.list.map(({ name }) => name)).toEqual(['Anomalies', 'Commands']);
});

test('the table of explanations reads columns that a list of anomalies has', () => {
  const target = board.panels.find(({ title }) => title === 'Explanations')?.targets[0];
  const known = Object.keys(anomalySummarySchema.shape);
  const { columns, root_selector: root } = jsonTarget.parse(target);
  expect(root).toBe('items');
  for (const { selector } of columns) expect(known).toContain(selector);
  expect(columns.map(({ selector }) => selector)).toContain('sentence');
});
