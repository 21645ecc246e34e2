/** Requests as telecommand packets, where the configuration wants them so. */
import { openPackets } from '../../adapters/packets/definition-file';
import {
  PusTelecommands,
  type PusTelecommandsOptions,
  type RequestedCommand,
} from '../../adapters/packets/pus-telecommands';
import { definitionNotes, TelecommandPackets } from '../../adapters/packets/telecommand-packets';
import type { LoadedConfig } from '../../config/load-config';
import { FdirError } from '../../domain/errors';
import type { RuleSet } from '../../domain/rules';
import type { ModelledDaemon } from './make-model';

const requestedBy = (rules: RuleSet | undefined): readonly RequestedCommand[] =>
  (rules?.eventActions ?? []).flatMap(({ id, steps }) =>
    steps.map((step) => ({ command: step.command, arguments: Object.keys(step.arguments), rule: id })),
  );

type RequestStore = Pick<PusTelecommandsOptions, 'kept' | 'keep'>;

const openTelecommands = (
  { config: { action }, mission: { packets }, rules, readPacketFile }: LoadedConfig,
  kept: RequestStore,
): PusTelecommands | undefined => {
  if (action?.format !== 'pus' || packets === undefined) return undefined;
  const { checksum, parameters } = action;
  const telecommands = PusTelecommands.open(packets.xtce, {
    ...{ checksum, parameters, ...kept },
    leadingSize: packets.leadingSize,
    readFile: readPacketFile,
  });
  const problems = telecommands.problemsOf(requestedBy(rules));
  if (problems.length === 0) return telecommands;
  throw new FdirError('config', `requests cannot leave as packets of ${packets.xtce}`, problems);
};

/** Undefined: they leave as JSON. @throws FdirError `config` when a rule requests what the definition cannot say. */
export const pusTelecommands = ({
  loaded,
  log,
  kept,
}: Pick<ModelledDaemon, 'loaded' | 'log' | 'kept'>): PusTelecommands | undefined =>
  openTelecommands(loaded, {
    kept: kept.memory['pus'],
    keep: (value) => {
      log.commit([], [{ kind: 'memory', name: 'pus', value }]);
    },
  });

/**
 * What the daemon would read of the definition. @returns what is left out of it, and what of it is ambiguous
 * @throws FdirError `config` when it cannot be used
 */
export const checkDefinition = (loaded: LoadedConfig): readonly string[] => {
  const { mission, readPacketFile } = loaded;
  const { packets } = mission;
  openTelecommands(loaded, { kept: undefined, keep: () => undefined });
  return packets === undefined
    ? []
    : definitionNotes(openPackets(packets, readPacketFile), new TelecommandPackets(packets, readPacketFile));
};
