/** Monitors and functional monitors as they are evaluated: parameters found, validity and cases compiled, all problems told. */
import type { MonitoringPlan, PlannedCase, PlannedCheck, PlannedMonitor } from '../core/monitoring/plan';
import type { FunctionalMonitor, Monitor } from '../domain/monitors';
import type { ReportProblem, RuleScope } from './rule-scope';

const checkEquipment = (scope: RuleScope, { equipment }: Monitor | FunctionalMonitor, report: ReportProblem): void => {
  if (equipment === undefined || scope.equipments.includes(equipment)) return;
  report(['equipment'], `no equipment is called "${equipment}" (there are ${scope.equipments.join(', ')})`);
};

const planCheck = (scope: RuleScope, check: Monitor['check'], report: ReportProblem): PlannedCheck => {
  const key = check.kind === 'limit' ? 'limits' : check.kind;
  const cases = <D extends { readonly mode?: readonly string[] | undefined; readonly when?: string | undefined }>(
    definitions: readonly D[],
  ): PlannedCase<D>[] => {
    const always = definitions.findIndex(({ mode, when }) => mode === undefined && when === undefined);
    return definitions.map((definition, index) => {
      const known = scope.mission.modes?.names;
      for (const mode of definition.mode ?? []) {
        if (known?.includes(mode) === false)
          report([key, index, 'mode'], `no mode is called "${mode}" (there are ${known.join(', ')})`);
      }
      if (always >= 0 && index > always) report([key, index], 'is never tried: a case before it always applies');
      return {
        modes: definition.mode,
        when: scope.optional(definition.when, [key, index, 'when'], report),
        definition,
      };
    });
  };
  switch (check.kind) {
    case 'limit':
      return { kind: 'limit', cases: cases(check.cases) };
    case 'expected':
      return { kind: 'expected', cases: cases(check.cases) };
    case 'delta':
      return { kind: 'delta', cases: cases(check.cases) };
    case 'score':
      return { kind: 'score', cases: cases(check.cases) };
  }
};

const planMonitor = (scope: RuleScope, definition: Monitor): PlannedMonitor => {
  const { id, parameter, severity, repetition, check } = definition;
  const report = scope.reporter('monitor', id);
  const row = scope.mission.parameters.findIndex((item) => item.id === parameter);
  if (parameter !== undefined && row < 0) report(['parameter'], `no parameter is called "${parameter}"`);
  checkEquipment(scope, definition, report);
  const [validLow, validHigh] = scope.mission.parameters[row]?.valid ?? [-Infinity, Infinity];
  return {
    id,
    equipment: scope.equipmentOf(definition),
    severity,
    validity: scope.optional(definition.validity, ['validity'], report),
    repetition,
    definition,
    parameter: parameter ?? '',
    row,
    validLow,
    validHigh,
    modulus: scope.mission.parameters[row]?.modulus,
    check: planCheck(scope, check, report),
  };
};

/** Disabled definitions are checked, and not in the plan. */
export const planMonitoring = (scope: RuleScope): MonitoringPlan => {
  const monitors = scope.rules.monitors.map((definition) => planMonitor(scope, definition));
  const functional = scope.rules.functionalMonitors.map((definition) => {
    const report = scope.reporter('monitor', definition.id);
    definition.members.forEach((id, index) => {
      if (!scope.rules.monitors.some((item) => item.id === id))
        report(['members', index], `no monitor is called "${id}"`);
    });
    checkEquipment(scope, definition, report);
    return {
      id: definition.id,
      equipment: scope.equipmentOf(definition),
      severity: definition.severity,
      validity: scope.optional(definition.validity, ['validity'], report),
      repetition: definition.repetition,
      definition,
      members: definition.members,
      atLeast: definition.atLeast,
    };
  });
  return {
    monitors: monitors.filter(({ definition }) => definition.enabled),
    functional: functional.filter(({ definition }) => definition.enabled),
  };
};
