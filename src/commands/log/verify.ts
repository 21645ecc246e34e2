/** `fdir log verify`: is the log as it was written? */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Anchor } from '../../adapters/log/log-verify';
import { createProgress } from '../progress';
import { writeJson, writeLine } from '../output';
import { keysOf, logPathOf, withLogOptions, withReader, type AnyReader, type LogOptions } from './source';

interface VerifyCommandOptions extends LogOptions {
  readonly key: readonly string[];
  readonly head: readonly Anchor[];
}

const anchorOf = (text: string, before: readonly Anchor[]): readonly Anchor[] => {
  const [, sequence = '', mac = ''] = /^(\d+):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (sequence === '')
    throw new InvalidArgumentError('it is NUMBER:CODE, as on the topic log-head: 64 hexadecimal digits');
  return [...before, { sequence: Number(sequence), mac }];
};

const LACKS_NEWEST =
  'this is a copy of a log that a daemon was writing, without the file that ends in -wal: the newest records may be missing; "fdir log backup" makes a complete copy';

/** The daemon that wrote last did not stop, as far as this file knows. */
const isLeftRunning = (reader: AnyReader): boolean => {
  const [last] = reader.events({ kinds: ['started', 'stopped'] }, { limit: 1 });
  return last?.kind === 'started';
};

const verify = (options: VerifyCommandOptions): void => {
  const keys = keysOf(options.key, options);
  const progress = createProgress();
  // Looked at before it is read, which makes one.
  const hasWriteAhead = options.store === undefined && existsSync(`${logPathOf(options)}-wal`);
  const { damage, mayLackNewest, ...found } = withReader(options, (reader) => ({
    damage: reader.damage(),
    mayLackNewest: reader.isWriteAhead && !hasWriteAhead && isLeftRunning(reader),
    ...reader.verify({
      keys,
      anchors: options.head,
      onProgress: (done, of) => {
        progress.report('verifying', done / of);
      },
    }),
  }));
  progress.end();
  const isWell = damage.length === 0 && found.findings.length === 0;
  if (options.json === true) writeJson({ schemaVersion: 1, isWell, mayLackNewest, ...found, damage });
  else {
    for (const message of damage) writeLine(`damaged: ${message}`);
    for (const { kind, message } of found.findings) writeLine(`${kind}: ${message}`);
    const { links, forgotten, head, isSigned } = found;
    const past = forgotten === 0 ? '' : `, ${String(forgotten)} more were forgotten by retention`;
    writeLine(`${String(links)} records${past}; head ${String(head.sequence)}:${head.mac}`);
    if (mayLackNewest) writeLine(LACKS_NEWEST);
    if (!isSigned)
      writeLine('no key signs this log (log.key): it shows accidents, and not whether somebody made it anew');
    writeLine(
      isWell
        ? 'the log is as it was written'
        : `the log is NOT as it was written: ${String(found.findings.length + damage.length)} findings`,
    );
  }
  if (!isWell) process.exitCode = 1;
};

export const registerVerify = (log: Command): void => {
  withLogOptions(
    log
      .command('verify')
      .description(
        'check that every record is as it was written; name records that were changed, deleted, inserted, moved or cut off',
      ),
  )
    .option(
      '--key <file>',
      'a key the log was signed with; that of --config is known',
      (file: string, before: string[]) => [...before, file],
      [],
    )
    .option('--head <number:code>', 'an end of the chain that you kept elsewhere; can be repeated', anchorOf, [])
    .action(verify);
};
