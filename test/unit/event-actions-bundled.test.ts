import { join } from 'node:path';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { loadMission, readConfigText } from '../../src/config/load-mission';
import { checkRules, loadRules } from '../../src/config/load-rules';
import { evaluateEventActions, initialRulesState } from '../../src/core/event-actions';
import { UNKNOWN } from '../../src/domain/explanation';
import { equipmentIds } from '../../src/domain/mission';
import { ANOMALY_START, openAnomaly, type AnomalyChoice } from '../support/open-anomaly';

const folder = join(__dirname, '..', '..', 'rules');
const mission = loadMission(join(folder, 'mission.yaml'));
const rules = loadRules([join(folder, 'event-actions.yaml')]);
const faultIds = (mission.faults ?? []).map(({ id }) => id);
/** Seconds between two judgements of the mission. */
const cadence = (mission.sampling.periodMs * mission.sampling.stride) / 1000;

/** The rules that fire for an anomaly that keeps this verdict for `lasts` seconds, judged at the mission's cadence. */
const firedBy = (verdict: AnomalyChoice, lasts = 1800): readonly string[] => {
  const fired: string[] = [];
  let state = initialRulesState;
  for (let at = cadence; at <= lasts; at += cadence) {
    const input = { explanation: openAnomaly(verdict), time: ANOMALY_START + at * 1000, mode: 'active' as const };
    const step = evaluateEventActions(rules, state, input);
    fired.push(...step.requests.map(({ rule }) => rule));
    state = step.state;
  }
  return fired;
};

/** For every rule: an anomaly it answers, and one just beside it that it must leave alone. */
const cases: Record<string, { fires: [AnomalyChoice, number?]; silent: [AnomalyChoice, number?][] }> = {
  'friction-limit-and-unload': {
    fires: [{ fault: 'friction-rise', confidence: 0.8 }, 128],
    silent: [
      [{ fault: 'friction-rise', confidence: 0.79 }],
      [{ fault: 'friction-rise' }, 112],
      [{ fault: 'torque-loss' }],
    ],
  },
  'stuck-tachometer-estimate': {
    fires: [{ fault: 'stuck-tachometer', confidence: 0.8 }, 64],
    silent: [
      [{ fault: 'stuck-tachometer', confidence: 0.79 }],
      [{ fault: 'stuck-tachometer' }, 48],
      [{ fault: 'offset' }],
    ],
  },
  'temperature-drift-thermal-model': {
    fires: [{ fault: 'temperature-drift', confidence: 0.8 }, 368],
    silent: [
      [{ fault: 'temperature-drift', confidence: 0.79 }],
      [{ fault: 'temperature-drift' }, 352],
      [{ fault: 'friction-rise' }],
    ],
  },
  'current-noise-filter': {
    fires: [{ fault: 'white-noise', confidence: 0.8 }, 192],
    silent: [[{ fault: 'current-noise', confidence: 0.79 }], [{ fault: 'current-noise' }, 176], [{ fault: 'dropout' }]],
  },
  'shifted-channel-unload': {
    fires: [{ fault: 'subspace-alteration', confidence: 0.8 }, 240],
    silent: [[{ fault: 'offset', confidence: 0.79 }], [{ fault: 'step' }, 224], [{ fault: 'impulse' }]],
  },
  'transient-snapshot': {
    fires: [{ fault: 'impulse', confidence: 0.8 }, 16],
    silent: [[{ fault: 'impulse', confidence: 0.79 }], [{ fault: 'step' }]],
  },
  'torque-loss-suspected-unload': {
    fires: [{ fault: 'torque-loss', confidence: 0.6 }, 96],
    silent: [
      [{ fault: 'torque-loss', confidence: 0.59 }],
      [{ fault: 'torque-loss', confidence: 0.9 }],
      [{ fault: 'torque-loss', confidence: 0.6 }, 80],
    ],
  },
  'torque-loss-three-wheel': {
    fires: [{ fault: 'torque-loss', confidence: 0.9 }, 144],
    silent: [[{ fault: 'torque-loss', confidence: 0.89 }], [{ fault: 'torque-loss' }, 128], [{ fault: 'dropout' }]],
  },
  'dropout-redundant-drive': {
    fires: [{ fault: 'dropout', confidence: 0.8 }, 272],
    silent: [[{ fault: 'dropout', confidence: 0.79 }], [{ fault: 'dropout' }, 256], [{ fault: 'torque-loss' }]],
  },
  'low-confidence-ground': {
    fires: [{ fault: 'step', confidence: 0.79 }, 384],
    silent: [
      [{ fault: 'step', confidence: 0.8 }],
      [{ fault: 'step', confidence: 0.5 }, 368],
      [{ fault: UNKNOWN, confidence: 0.5 }],
    ],
  },
  'not-isolated-hold-and-call': {
    fires: [{ equipment: UNKNOWN, fault: 'offset', confidence: 0.1 }, 176],
    silent: [
      [{ equipment: UNKNOWN, fault: 'offset' }, 160],
      [{ fault: 'offset' }],
      [{ equipment: UNKNOWN, fault: UNKNOWN }],
    ],
  },
  'unknown-hold-and-call': {
    fires: [{ equipment: UNKNOWN, fault: UNKNOWN, confidence: 0.1 }, 176],
    silent: [[{ fault: UNKNOWN }, 160], [{ fault: 'step' }]],
  },
};

describe('the rules of AURORA-1', () => {
  it('are well-formed and name only what the mission has', () => {
    expect(checkRules(rules, mission)).toEqual([]);
  });

  it('have a case each', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.eventActions.map(({ id }) => id).sort());
  });

  it.each(Object.entries(cases))('%s fires for its fault and not for one beside it', (id, { fires, silent }) => {
    expect({
      fires: firedBy(...fires).filter((rule) => rule === id),
      silent: silent.map((verdict) => firedBy(...verdict).includes(id)),
    }).toEqual({ fires: [id], silent: silent.map(() => false) });
  });

  it('never leave a lasting anomaly unanswered, whatever its fault and confidence', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...equipmentIds(mission), UNKNOWN),
        fc.constantFrom(...faultIds, UNKNOWN),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (equipment, fault, confidence) => {
          expect(firedBy({ equipment, fault, confidence })).not.toEqual([]);
        },
      ),
    );
  });

  it('touch no wheel when none can be named', () => {
    const fired = [...faultIds, UNKNOWN].flatMap((fault) => firedBy({ equipment: UNKNOWN, fault, confidence: 1 }));
    expect([...new Set(fired)]).toEqual(['not-isolated-hold-and-call', 'unknown-hold-and-call']);
  });

  it('call the ground once for an unknown fault, however uncertain', () => {
    expect(firedBy({ fault: UNKNOWN, confidence: 0.2 })).toEqual(['unknown-hold-and-call']);
  });

  it('leave what cannot be undone to high levels and what is on trial in passive', () => {
    const above = rules.eventActions.filter(({ level }) => level === 4).map(({ id }) => id);
    const passive = rules.eventActions.filter(({ state }) => state === 'passive').map(({ id }) => id);
    expect({ above, passive }).toEqual({
      above: ['torque-loss-three-wheel', 'dropout-redundant-drive'],
      passive: ['current-noise-filter'],
    });
  });
});

describe('the bundled configuration', () => {
  it('names the bundled files and starts in passive', () => {
    expect(parse(readConfigText(join(folder, 'fdir.yaml')))).toMatchObject({
      mission: 'mission.yaml',
      rules: ['event-actions.yaml'],
      mode: 'passive',
    });
  });
});
