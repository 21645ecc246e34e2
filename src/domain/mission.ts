/** The mission file (`mission.yaml`): what the spacecraft measures, how often, and what is plainly out of limits. */
import { z } from 'zod';
import { commandSchema } from './commands';
import { commandFlagSchema, effectSchema } from './effects';
import { packetsSchema } from './packet-source';
import { positiveDurationMs } from './units';

const identifier = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'must start with a letter and hold only letters, digits, "_", "-" and "."');

/** One end of a range; open when it is `null` or `.inf`, which YAML reads as an infinity. */
const bound = z.union([z.number(), z.null(), z.custom<number>((value) => value === Infinity || value === -Infinity)]);

/** A range with at least one end, `[6, 9]`, `[6, null]`, `[-.inf, 9]`: inside the program an open end is an infinity. */
const range = z
  .tuple([bound, bound])
  .transform(([low, high]): readonly [number, number] => [
    typeof low === 'number' ? low : -Infinity,
    typeof high === 'number' ? high : Infinity,
  ])
  .refine(([low, high]) => low < high, 'the first number must be below the second')
  .refine(([low, high]) => Number.isFinite(low) || Number.isFinite(high), 'must have at least one end that is a number')
  .readonly();

const faultClass = z.union([
  identifier.transform((id) => ({ id, title: id })),
  z.strictObject({ id: identifier, title: z.string() }),
]);

const parameter = z
  .strictObject({
    id: identifier,
    /** In words, for sentences: "motor current". */
    title: z.string().optional(),
    equipment: identifier.optional(),
    units: z.string().optional(),
    /** Engineering values outside are invalid: counted, never scored. */
    valid: range.optional(),
    limits: z.strictObject({ warning: range.optional(), critical: range.optional() }).optional(),
    /** What it rolls over at: 360 of an angle, 65536 of a counter. Changes are taken the short way round. */
    modulus: z.number().positive().optional(),
    /** `event` parameters are sent on change only and never go stale. */
    kind: z.enum(['periodic', 'event']).default('periodic'),
    staleAfter: positiveDurationMs.optional(),
    /** Carried by no packet: 1 for a while after a telecommand, else 0; an `event` parameter that the model can lean on. */
    command: commandFlagSchema.optional(),
  })
  .readonly();

const sampling = z
  .strictObject({
    period: positiveDurationMs,
    window: z.int().min(2).max(4096).default(16),
    stride: z.int().min(1).optional(),
  })
  .transform(({ period, window, stride }) => ({
    periodMs: period,
    /** Frames a window. */
    window,
    /** Windows start every `stride` frames. */
    stride: stride ?? Math.max(1, Math.floor(window / 4)),
  }));

const modes = z
  .strictObject({
    names: z.array(identifier).min(1),
    parameter: z
      .strictObject({
        id: identifier,
        /** Value of the parameter in each mode. */ values: z.record(identifier, z.number()),
      })
      .optional(),
  })
  .refine(({ names, parameter }) => Object.keys(parameter?.values ?? {}).every((name) => names.includes(name)), {
    path: ['parameter', 'values'],
    message: 'names a mode that is not among "names"',
  })
  .readonly();

/** A window of ten thousand by 4096 frames has 160 MB: more is another program. */
export const MAX_PARAMETERS = 10_000;

export const missionSchema = z
  .strictObject({
    schemaVersion: z.literal(1).optional(),
    spacecraft: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'must not hold spaces, "/", "+" or "#": it becomes an MQTT topic level'),
    title: z.string().optional(),
    sampling,
    /** Titles of equipments; an equipment not listed here is titled by its id in capitals. */
    equipment: z
      .array(
        z.strictObject({
          id: identifier,
          title: z.string().optional(),
          /** Equipments that this one supplies or drives: what goes wrong here shows there too, and is not their fault. */
          feeds: z.array(identifier).optional(),
        }),
      )
      .default([]),
    /** What stands for a missing sample besides the usual words: texts, and numbers by their value (`[x, -9999]`). */
    missing: z
      .array(z.union([z.string().min(1).max(100), z.number()]))
      .max(1000)
      .optional(),
    /** The fault classes the mission wants to tell apart; the default is decided by `fdir fit`. */
    faults: z.array(faultClass).optional(),
    parameters: z.array(parameter).min(1).max(MAX_PARAMETERS),
    /** Operating modes, and the parameter that says which, when telemetry carries it; otherwise the topic `mode` says. */
    modes: modes.optional(),
    /**
     * How long after a fault its release is still to be seen: evaluation counts an alarm in that time neither as false nor as found.
     * Left out: four windows.
     */
    recoveryTime: positiveDurationMs.optional(),
    /** What may be requested; without it no command of a rule is checked. */
    commands: z.array(commandSchema).optional(),
    /** What telecommands do to parameters: expected, and not alarmed. */
    effects: z.array(effectSchema).optional(),
    /** How packets are read, where the spacecraft sends packets. */
    packets: packetsSchema.optional(),
  })
  .superRefine((mission, context) => {
    const problem = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const known = new Set(mission.parameters.map(({ id }) => id));
    const source = mission.modes?.parameter?.id;
    if (source !== undefined && !known.has(source))
      problem(['modes', 'parameter'], `no parameter is called "${source}"`);
    mission.effects?.forEach(({ parameters }, index) => {
      parameters.forEach((id, at) => {
        if (!known.has(id)) problem(['effects', index, 'parameters', at], `no parameter is called "${id}"`);
      });
    });
    mission.parameters.forEach(({ kind, command }, index) => {
      if (command !== undefined && kind !== 'event')
        problem(['parameters', index, 'kind'], 'a parameter that stands for a telecommand is of kind "event"');
    });
    const units = new Set([
      ...mission.parameters.flatMap(({ equipment }) => equipment ?? []),
      ...mission.equipment.map(({ id }) => id),
    ]);
    mission.equipment.forEach(({ id, feeds = [] }, index) => {
      feeds.forEach((fed, at) => {
        if (fed === id) problem(['equipment', index, 'feeds', at], `"${id}" cannot feed itself`);
        else if (!units.has(fed)) problem(['equipment', index, 'feeds', at], `no equipment is called "${fed}"`);
      });
    });
    const names = mission.commands?.map(({ name }) => name) ?? [];
    mission.commands?.forEach(({ name, opposes }, index) => {
      if (names.indexOf(name) < index) problem(['commands', index, 'name'], `command "${name}" is declared twice`);
      opposes.forEach((other, at) => {
        if (!names.includes(other)) problem(['commands', index, 'opposes', at], `no command is called "${other}"`);
      });
    });
    const faults = new Set<string>();
    mission.faults?.forEach(({ id }, index) => {
      const reserved = id === 'nominal' || id === 'unknown';
      if (reserved || faults.has(id)) {
        const message = reserved ? `"${id}" is a verdict, not a fault class` : `fault class "${id}" is listed twice`;
        context.addIssue({ code: 'custom', path: ['faults', index], message });
      }
      faults.add(id);
    });
    const seen = new Set<string>();
    mission.parameters.forEach(({ id, limits }, index) => {
      if (seen.has(id)) {
        context.addIssue({
          code: 'custom',
          path: ['parameters', index, 'id'],
          message: `parameter "${id}" is declared twice`,
        });
      }
      seen.add(id);
      const { warning, critical } = limits ?? {};
      if (warning && critical && (warning[0] < critical[0] || warning[1] > critical[1])) {
        context.addIssue({
          code: 'custom',
          path: ['parameters', index, 'limits'],
          message: 'the warning range must lie inside the critical range',
        });
      }
    });
  });

/** A mission file as parsed; durations in milliseconds. */
export type Mission = z.infer<typeof missionSchema>;
export type Parameter = Mission['parameters'][number];

/** Equipments in order of first appearance among the parameters; parameters without one do not contribute. */
export const equipmentIds = (mission: Mission): readonly string[] => [
  ...new Set(mission.parameters.flatMap(({ equipment }) => (equipment === undefined ? [] : [equipment]))),
];

/** "Reaction wheel 2" for `rw2`, or `RW2` when the mission gives no title. */
export const equipmentTitle = (mission: Mission, id: string): string =>
  mission.equipment.find((item) => item.id === id)?.title ?? id.toUpperCase();

/** "motor current" for `rw2_current_a`, or the id when the mission gives no title. */
export const parameterTitle = (mission: Mission, id: string): string =>
  mission.parameters.find((item) => item.id === id)?.title ?? id;

/** Time after which a periodic sample is too old to judge: as declared, else two and a half sampling periods; never for event parameters. */
export const staleAfterMs = (mission: Mission, parameter: Parameter): number =>
  parameter.kind === 'event' ? Infinity : (parameter.staleAfter ?? 2.5 * mission.sampling.periodMs);

/** Frames of a fault stay in the judgement for the persistence of an anomaly, four windows of frames at most. */
const RECOVERY_WINDOWS = 4;

/** For so long after its end, the release edge of a fault belongs to it; milliseconds. */
export const recoveryTimeMs = ({ recoveryTime, sampling: { periodMs, window } }: Mission): number =>
  recoveryTime ?? RECOVERY_WINDOWS * window * periodMs;

/** The change from one value to another; of what rolls over, the short way round: from 359 to 0 of 360 it is 1. */
export const changeOf = (from: number, to: number, modulus: number | undefined): number => {
  const change = to - from;
  return modulus === undefined ? change : change - modulus * Math.round(change / modulus);
};
