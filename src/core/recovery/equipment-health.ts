/**
 * Health of the equipments (healthy, needs recovery, faulty, permanently faulty, external control, as flown on Solar Orbiter).
 * Recovery moves it between the first three; the last two are a person's word, and only a person takes them back.
 */
import type { EquipmentRecord } from '../../domain/recovery';
import type { EquipmentHealth } from '../../domain/rules';

/** A unit that needed three recoveries in a week is worn, three in a year are weather: one is forgotten a day. */
export const FAULT_DECAY_MS = 86_400_000;

export const healthyEquipment = (equipment: string, time: number): EquipmentRecord => ({
  equipment,
  health: 'healthy',
  faults: 0,
  updatedAt: time,
  by: 'rule',
  note: '',
});

/** The fault counter as it stands at `time`. */
export const faultsAt = ({ faults, updatedAt }: EquipmentRecord, time: number): number =>
  Math.max(0, faults - Math.max(0, time - updatedAt) / FAULT_DECAY_MS);

const isPersons = (health: EquipmentHealth): boolean => health === 'permanentlyFaulty' || health === 'externalControl';

const become = (record: EquipmentRecord, health: EquipmentHealth, time: number, note: string): EquipmentRecord => ({
  ...record,
  health: isPersons(record.health) ? record.health : health,
  faults: faultsAt(record, time),
  updatedAt: time,
  by: 'rule',
  note,
});

/** A recovery of it begins to act. */
export const recoveryBegan = (record: EquipmentRecord, time: number, recovery: string): EquipmentRecord => {
  const next = become(record, record.health === 'faulty' ? 'faulty' : 'needsRecovery', time, recovery);
  return { ...next, faults: next.faults + 1 };
};

/** What was done helped. A faulty unit stays faulty until a person has looked at it. */
export const recoveryHelped = (record: EquipmentRecord, time: number, recovery: string): EquipmentRecord =>
  become(record, record.health === 'faulty' ? 'faulty' : 'healthy', time, recovery);

export const declareFaulty = (record: EquipmentRecord, time: number, note: string): EquipmentRecord =>
  become(record, 'faulty', time, note);

/** A person says how it is; healthy forgets what was counted. */
export const setHealth = (
  record: EquipmentRecord,
  health: EquipmentHealth,
  { time, by, note }: { readonly time: number; readonly by: string; readonly note: string },
): EquipmentRecord => ({
  ...record,
  health,
  faults: health === 'healthy' ? 0 : faultsAt(record, time),
  updatedAt: time,
  by,
  note,
});
