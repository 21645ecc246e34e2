/** Requests as telecommand packets, where the configuration wants them so. */
import { PusTelecommands, type RequestedCommand } from '../../adapters/packets/pus-telecommands';
import { FdirError } from '../../domain/errors';
import type { RuleSet } from '../../domain/rules';
import type { ModelledDaemon } from './make-model';

const requestedBy = (rules: RuleSet | undefined): readonly RequestedCommand[] =>
  (rules?.eventActions ?? []).flatMap(({ id, steps }) =>
    steps.map((step) => ({ command: step.command, arguments: Object.keys(step.arguments), rule: id })),
  );

/** Undefined: they leave as JSON. @throws FdirError `config` when a rule requests what the definition cannot say. */
export const pusTelecommands = ({
  loaded,
  log,
  kept,
}: Pick<ModelledDaemon, 'loaded' | 'log' | 'kept'>): PusTelecommands | undefined => {
  const { action } = loaded.config;
  const { packets } = loaded.mission;
  if (action?.format !== 'pus' || packets === undefined) return undefined;
  const telecommands = PusTelecommands.open(packets.xtce, {
    checksum: action.checksum,
    parameters: action.parameters,
    kept: kept.memory['pus'],
    keep: (value) => {
      log.commit([], [{ kind: 'memory', name: 'pus', value }]);
    },
  });
  const problems = telecommands.problemsOf(requestedBy(loaded.rules));
  if (problems.length === 0) return telecommands;
  throw new FdirError('config', `requests cannot leave as packets of ${packets.xtce}`, problems);
};
