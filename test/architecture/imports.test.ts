import { sourceFiles, type SourceFile } from '../support/source-files';

const files = sourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));

/** What each part may import besides itself, domain <- core <- config <- pipeline <- adapters <- compose <- commands <- cli. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  packets: [],
  core: ['domain'],
  config: ['domain', 'core', 'packets'],
  pipeline: ['domain', 'core', 'config', 'packets'],
  fit: ['domain', 'core', 'config', 'packets'],
  simulate: ['domain', 'core', 'config', 'packets'],
  adapters: ['domain', 'core', 'config', 'pipeline', 'fit', 'simulate', 'packets'],
  console: ['domain', 'core', 'config', 'pipeline'],
  compose: ['domain', 'core', 'config', 'pipeline', 'fit', 'simulate', 'adapters', 'console', 'packets'],
  commands: ['domain', 'core', 'config', 'pipeline', 'fit', 'simulate', 'adapters', 'console', 'compose', 'packets'],
  // The quality tables run the verbs of the command line in their own process.
  bench: [
    'domain',
    'core',
    'config',
    'pipeline',
    'fit',
    'simulate',
    'adapters',
    'compose',
    'commands',
    'packaging',
    'packets',
    // Types of what the console answers, for the bench of its page.
    'console',
  ],
  // Runs in another program's page: what it knows of the console are types.
  openmct: ['domain', 'console'],
  packaging: ['domain'],
  cli: ['domain', 'commands'],
};

/** The top folder, or the name of a file at the top. */
const partOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');

/** The wings of each folder: a wing may import the wings named here, and files that lie beside the wings. */
const WINGS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  core: {
    telemetry: [],
    conditions: ['telemetry'],
    monitoring: ['telemetry', 'conditions'],
    anomaly: ['telemetry', 'conditions', 'monitoring'],
    rules: ['telemetry', 'conditions', 'monitoring', 'anomaly'],
    alarms: ['telemetry', 'conditions', 'monitoring', 'anomaly'],
    notify: ['telemetry', 'conditions', 'monitoring', 'anomaly', 'alarms'],
    recovery: ['telemetry', 'conditions', 'monitoring', 'anomaly', 'rules', 'alarms'],
    response: ['telemetry', 'conditions', 'monitoring', 'anomaly', 'rules', 'alarms', 'recovery'],
    rehearsal: ['telemetry', 'conditions', 'monitoring', 'anomaly', 'rules', 'alarms', 'recovery', 'response'],
    metrics: ['telemetry'],
    report: ['anomaly'],
    onboarding: ['telemetry'],
    history: ['telemetry'],
  },
  adapters: {
    history: [],
    passes: [],
    model: [],
    log: [],
    mqtt: ['log'],
    notify: ['log'],
    postgres: ['log'],
    host: ['log', 'mqtt'],
  },
  console: { api: [], port: ['api'], 'daemon-side': ['api', 'port'], server: ['api', 'port'], page: ['api'] },
};

const wingOf = (path: string): string | undefined => {
  const [part = '', wing = '', file] = path.split('/');
  return file !== undefined && WINGS[part]?.[wing] !== undefined ? wing : undefined;
};

const violations = (test: (file: SourceFile) => readonly string[]): string[] =>
  files.flatMap((file) => test(file).map((what) => `${file.path}: ${what}`));

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(40);
});

test('imports point one way, and equal ranks never import each other', () => {
  expect(
    violations(({ path, imports }) => {
      const part = partOf(path);
      const allowed = MAY_IMPORT[part];
      if (allowed === undefined) return ['belongs to no part'];
      return imports
        .filter((target) => partOf(target) !== part && !allowed.includes(partOf(target)))
        .map((target) => `imports ${target}`);
    }),
  ).toEqual([]);
});

test('inside a folder the wings have an order, and nothing imports back', () => {
  expect(
    violations(({ path, imports }) => {
      const part = partOf(path);
      const own = wingOf(path);
      // Beside the wings of core lie files that every wing may need; they know telemetry at most.
      const allowed = own === undefined ? ['telemetry'] : (WINGS[part]?.[own] ?? []);
      return imports
        .filter((target) => partOf(target) === part)
        .filter((target) => {
          const wing = wingOf(target);
          return wing !== undefined && wing !== own && !allowed.includes(wing);
        })
        .map((target) => `imports ${target}`);
    }),
  ).toEqual([]);
});

test('nothing that runs as the daemon imports fit', () => {
  const RUNS = /^(domain|core|config|pipeline|adapters|console|compose)\//;
  expect(
    violations(({ path, imports }) =>
      RUNS.test(path) ? imports.filter((target) => target.startsWith('fit/')).map((target) => `imports ${target}`) : [],
    ),
  ).toEqual([]);
});

test('every import names a file, not a folder with a barrel', () => {
  expect(
    violations(({ imports }) => imports.filter((target) => !byPath.has(target)).map((target) => `imports ${target}`)),
  ).toEqual([]);
  expect(files.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => path)).toEqual([]);
});

test('no import cycle', () => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  files.forEach(({ path }) => {
    visit(path, []);
  });
  expect(cycles).toEqual([]);
});

test.each(['mqtt', 'onnxruntime-node', 'better-sqlite3', 'aedes'])(
  '%s is imported in one file at most, an adapter',
  (name) => {
    const users = files.filter(({ packages }) => packages.includes(name)).map(({ path }) => path);
    expect(users.slice(1)).toEqual([]);
    expect(users.filter((path) => !path.startsWith('adapters/'))).toEqual([]);
  },
);

test('onnx-proto is known to fitting only', () => {
  expect(
    files
      .filter(({ packages, path }) => packages.includes('onnx-proto') && !path.startsWith('fit/'))
      .map(({ path }) => path),
  ).toEqual([]);
});

test('the CEL package is known to the configuration only', () => {
  expect(
    files
      .filter(({ packages, path }) => packages.includes('@marcbachmann/cel-js') && !path.startsWith('config/'))
      .map(({ path }) => path),
  ).toEqual([]);
});

test('packets stands alone: it imports saxes and what Node brings', () => {
  expect(
    violations(({ path, packages }) =>
      path.startsWith('packets/') ? packages.filter((name) => name !== 'saxes' && !name.startsWith('node:')) : [],
    ),
  ).toEqual([]);
  expect(files.filter(({ packages, path }) => packages.includes('saxes') && !path.startsWith('packets/'))).toEqual([]);
});

test('domain imports zod only; core imports no package', () => {
  expect(
    violations(({ path, packages }) => (path.startsWith('domain/') ? packages.filter((name) => name !== 'zod') : [])),
  ).toEqual([]);
  expect(violations(({ path, packages }) => (path.startsWith('core/') ? packages : []))).toEqual([]);
});

test('what is true does not depend on clock, chance, process or streams', () => {
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bperformance\.|\bconsole\.|from 'rxjs/g;
  expect(
    violations(({ path, text }) =>
      /^(domain|core|packets)\//.test(path) ? [...text.matchAll(impure)].map(([found]) => found) : [],
    ),
  ).toEqual([]);
});

test('a replay cannot act: nothing reachable from it knows MQTT or sends requests', () => {
  const reachable = new Set<string>();
  const visit = (path: string): void => {
    if (reachable.has(path)) return;
    reachable.add(path);
    byPath.get(path)?.imports.forEach(visit);
  };
  visit('compose/replay.ts');
  const packages = [...reachable].flatMap((path) => byPath.get(path)?.packages ?? []);
  expect(reachable.has('pipeline/judge.ts')).toBe(true);
  expect([...reachable].filter((path) => path.includes('mqtt') || path === 'pipeline/with-delivery.ts')).toEqual([]);
  expect(packages.filter((name) => ['mqtt', 'aedes', 'node:net', 'node:http', 'node:dgram'].includes(name))).toEqual(
    [],
  );
});
