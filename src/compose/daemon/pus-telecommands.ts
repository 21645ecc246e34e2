/** Requests as telecommand packets, where the configuration wants them so. */
import { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import {
  PusTelecommands,
  type PusTelecommandsOptions,
  type RequestedCommand,
} from '../../adapters/packets/pus-telecommands';
import type { LoadedConfig } from '../../config/load-config';
import { FdirError } from '../../domain/errors';
import type { RuleSet } from '../../domain/rules';
import type { ModelledDaemon } from './make-model';

const requestedBy = (rules: RuleSet | undefined): readonly RequestedCommand[] =>
  (rules?.eventActions ?? []).flatMap(({ id, steps }) =>
    steps.map((step) => ({ command: step.command, arguments: Object.keys(step.arguments), rule: id })),
  );

type Kept = Pick<PusTelecommandsOptions, 'kept' | 'keep'>;

const openTelecommands = (
  { config: { action }, mission: { packets }, rules }: LoadedConfig,
  kept: Kept,
): PusTelecommands | undefined => {
  if (action?.format !== 'pus' || packets === undefined) return undefined;
  const { checksum, parameters } = action;
  const telecommands = PusTelecommands.open(packets.xtce, { checksum, parameters, ...kept });
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

/** What the daemon would read of the definition. @throws FdirError `config` when it cannot be used. */
export const checkDefinition = (loaded: LoadedConfig): void => {
  PacketTelemetry.of(loaded.mission);
  openTelecommands(loaded, { kept: undefined, keep: () => undefined });
};
