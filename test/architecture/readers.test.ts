/**
 * Whoever reads what comes from outside has a property that tries it on what nobody means to send. The list says which; a file that
 * begins to parse, and is not in it, fails here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles } from '../support/source-files';

const PARSES =
  /JSON\.parse\(|\.safeParse\(|\b\w*(?:[sS]chema|List)\.parse\(|parseDocument\(|\breadFile(?:Sync)?\(|createReadStream\(|deserialize\(|new InvalidArgumentError\(/;
/** Not part of the daemon or its commands: benches, packaging, and the page, whose only source is the console. */
const APART = /^(bench|packaging|console\/page)\//;

/** Reader: the test with its property, and the module through which the test reaches it when it is not the reader itself. */
const TESTED: Readonly<Record<string, readonly [test: string, through?: string]>> = {
  'adapters/history/history-header.ts': ['integration/history-file'],
  'adapters/read-pem.ts': ['unit/bad-files', 'adapters/mqtt/broker-access'],
  'adapters/log/checkpoint.ts': ['unit/bad-kept'],
  'adapters/packets/pus-telecommands.ts': ['integration/pus'],
  'adapters/passes/text-source.ts': ['unit/bad-files', 'adapters/passes/pass-reader'],
  'adapters/log/log-list.ts': ['integration/hostile-readers', 'adapters/log/sqlite-log'],
  'adapters/log/log-commands.ts': ['integration/damaged-records', 'commands/log/source'],
  'adapters/mqtt/telemetry-message.ts': ['unit/decode-senml'],
  'adapters/passes/commands-reader.ts': ['unit/telecommands', 'core/telemetry/decode-telecommands'],
  'core/telemetry/decode-senml.ts': ['unit/decode-senml', 'adapters/mqtt/telemetry-message'],
  'core/telemetry/decode-telecommands.ts': ['unit/telecommands'],
  'adapters/log/log-notes.ts': ['integration/damaged-records', 'commands/log/source'],
  'adapters/log/log-reader.ts': ['integration/damaged-records', 'commands/log/source'],
  'adapters/secret-file.ts': ['unit/bad-files'],
  'adapters/log/sqlite-ledger.ts': ['integration/damaged-records', 'adapters/log/lasting-log'],
  'adapters/log/sqlite-outbox.ts': ['integration/damaged-records', 'adapters/log/lasting-log'],
  'commands/log/history.ts': ['unit/bad-options', 'commands/log'],
  'commands/log/events.ts': ['unit/bad-options', 'commands/log'],
  'commands/log/filters.ts': ['unit/bad-options', 'commands/log'],
  'commands/log/list.ts': ['unit/bad-options', 'commands/log'],
  'commands/log/verify.ts': ['unit/bad-options', 'commands/log'],
  'commands/run.ts': ['unit/bad-options'],
  'config/load-manifest.ts': ['unit/bad-configuration'],
  'config/signature.ts': ['integration/hostile-readers'],
  'config/yaml-document.ts': ['unit/bad-configuration', 'config/load-mission'],
  'core/daemon-events.ts': ['unit/daemon-events'],
  'core/response/decode-control.ts': ['unit/bad-messages'],
  'core/telemetry/decode-telemetry.ts': ['unit/bad-messages'],
  'core/anomaly/frame-bytes.ts': ['unit/frame-bytes'],
  'core/health.ts': ['unit/bad-answers'],
  'core/log-filter.ts': ['integration/hostile-readers'],
  'core/telemetry/operating-mode.ts': ['unit/bad-messages'],
};

/** Reads nothing that others wrote, or hands bytes to a reader above. */
const TRUSTED: Readonly<Record<string, string>> = {
  'adapters/log/log-migrate.ts':
    'records of an earlier version, in a transaction that is taken back when one cannot be read',
  'adapters/passes/frame-sorter.ts': 'its own temporary files',
  'commands/evaluate-model.ts': 'bytes of a detector that the package signs for',
  'commands/evaluate.ts': 'its own JSON',
  'commands/fit-text.ts': 'figures of the package that was made just now',
  'commands/fit-inputs.ts': 'bytes that fit/onnx/read-model reads, which unit/bad-files tries',
  'fit/head-sight.ts': 'figures of a manifest that config/load-manifest read',
  'fit/evaluate/predicted-rate.ts': 'figures of a manifest that config/load-manifest read',
  'commands/render/log-account.ts': 'a mission made of the record that is shown',
  'adapters/log/history-sources.ts': 'records as log-reader.ts and sqlite-ledger.ts read them',
  'adapters/log/log-shift.ts': 'records as log-reader.ts and sqlite-ledger.ts read them',
  'adapters/log/sqlite-notifications.ts': 'what this store wrote; what is none is let go, and counted',
  'domain/reliability.ts': 'figures of a package that load-manifest.ts has read',
  'console/server/openmct-file.ts': 'the plugin that the build made',
  'openmct/daemon-api.ts': 'answers of the daemon that served the plugin',
  'adapters/log/log-lock.ts': 'the name of whoever holds the lock; anything else counts as nobody',
  'adapters/log/spacecraft-writer.ts':
    'requests that this log wrote itself; one that cannot be read is told as any damaged record',
  'adapters/postgres/pg-connect.ts': 'certificates, which the package checks',
  'adapters/postgres/pg-ledger.ts': 'records that a worker wrote',
  'adapters/postgres/pg-restore.ts': 'records that a worker wrote',
  'commands/fleet.ts': 'a number on the command line',
  'commands/log/source.ts': 'a URL on the command line, told by the schema of the configuration',
  'config/load-fleet.ts': 'a definition of packets for its digest alone; what it says is read where packets are',
  'config/fleet-config.ts': 'names that a pattern of the configuration stands for',
  'core/shorten-record.ts': 'records that the daemon made just now',
  'commands/watch/source.ts': 'what the daemon says; anything else is left out of the view',
  'console/server/yamcs/routes.ts': 'bodies of a few fields; integration/yamcs-api tries what is none',
  'console/server/yamcs/sockets.ts': 'messages of a few fields; integration/yamcs-api tries what is none',
  'commands/name-model.ts': 'one line of its own in a draft; any other is left alone',
  'compose/demo.ts': 'what the daemon of the demonstration says on the broker inside this process',
  'compose/broker-outages.ts': 'its own memory; anything else counts as none',
  'compose/replay-worker.ts': 'its task, from the console that started it',
};

const parsing = sourceFiles()
  .filter(({ path, text }) => !APART.test(path) && PARSES.test(text))
  .map(({ path }) => path)
  .sort();

test('every file that parses is in one of the lists, and the lists name no other', () => {
  expect([...Object.keys(TESTED), ...Object.keys(TRUSTED)].sort()).toEqual(parsing);
});

test.each(Object.entries(TESTED))('%s is read by a property of test/%s', (reader, [test, through]) => {
  const text = readFileSync(join(__dirname, `../${test}.test.ts`), 'utf8');
  const module = (through ?? reader).replace(/\.ts$/, '');
  expect({ module, isImported: text.includes(`src/${module}'`), isProperty: text.includes('fc.assert(') }).toEqual({
    module,
    isImported: true,
    isProperty: true,
  });
});
