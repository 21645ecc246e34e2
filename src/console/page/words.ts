/** Names and numbers as people read them. */
import { trimDecimals } from '../../core/decimals';
import { DAEMON_STATUS, type AstroStatus } from '../../core/alarms/severity-status';
import type { Alarm } from '../../domain/alarm';
import type { EquipmentView, Pulse } from '../api/overview';

export const percent = (share: number): string => `${String(Math.round(share * 100))}\u00a0%`;

const digits = (value: number): number => {
  const size = Math.abs(value);
  return size >= 1000 ? 1 : size >= 100 ? 2 : size >= 1 ? 3 : 4;
};
/** Engineering values and scores: about four digits that mean something. */
export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined
    ? '–'
    : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
      ? value.toExponential(2)
      : trimDecimals(value.toFixed(digits(value)));

export const signed = (value: number, places = 1): string =>
  `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(places)}`;

export const count = (amount: number, one: string, many = `${one}s`): string =>
  `${amount.toLocaleString('en-GB')} ${amount === 1 ? one : many}`;

export const HEALTH: Readonly<Record<EquipmentView['health'], { label: string; status: AstroStatus }>> = {
  healthy: { label: 'Healthy', status: 'normal' },
  needsRecovery: { label: 'Needs recovery', status: 'serious' },
  faulty: { label: 'Faulty', status: 'serious' },
  permanentlyFaulty: { label: 'Permanently faulty', status: 'off' },
  externalControl: { label: 'Under other control', status: 'standby' },
};

export const DAEMON: Readonly<Record<Pulse['state'], { label: string; status: AstroStatus; means: string }>> = {
  online: { label: 'Online', status: DAEMON_STATUS.online, means: 'watching, explaining and acting as the rules say' },
  degraded: { label: 'Degraded', status: DAEMON_STATUS.degraded, means: 'a part does not work' },
  passive: { label: 'Passive', status: DAEMON_STATUS.passive, means: 'watching and recording; no request leaves' },
  offline: { label: 'Offline', status: DAEMON_STATUS.offline, means: 'not watching' },
};

/** What each action state of the whole function means. */
export const MODE: Readonly<Record<Pulse['mode'], string>> = {
  active: 'requests leave, as rules and people decide',
  passive: 'what would be requested is recorded, and nothing leaves',
  disabled: 'rules are not evaluated',
};

export const ALARM: Readonly<Record<Alarm['state'], string>> = {
  pending: 'pending',
  triggered: 'not acknowledged',
  acknowledged: 'acknowledged',
  returned: 'back to normal, not acknowledged',
  cleared: 'cleared',
};

export const RECOVERY: Readonly<Record<string, string>> = {
  proposed: 'proposed',
  waiting: 'waiting for a decision',
  armed: 'armed',
  sent: 'sent',
  accepted: 'accepted on board',
  completed: 'carried out',
  verified: 'verified: it helped',
  recorded: 'recorded only',
  rejected: 'rejected',
  expired: 'expired',
  failed: 'failed',
  notVerified: 'carried out, did not help',
};

export const VERDICT: Readonly<Record<string, string>> = {
  true: 'true alarm',
  false: 'false alarm',
  'rare-nominal': 'rare but nominal',
};

/** An alarm's title may be the whole sentence of its anomaly: then what it is about, and the sentence apart. */
export const alarmTitle = ({ name, title, explanationId }: Alarm): string =>
  explanationId === null ? title : `${name.replace(/^anomaly\//, '').toUpperCase()} anomaly`;

/** `friction-rise` as a person says it. */
export const spoken = (name: string): string => name.replaceAll(/[-_]/g, ' ');
