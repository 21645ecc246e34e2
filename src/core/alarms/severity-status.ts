/**
 * One table of severities: those of PUS service 5 (ours) and of XTCE alarms (Yamcs). It adds the Astro UX status that shows each by
 * colour and shape. Red is for what must be done now.
 */
import type { Alarm } from '../../domain/alarm';
import type { daemonStates } from '../../domain/health';
import type { Severity } from '../../domain/monitors';

/** Severities of XTCE alarms, as Yamcs names them, least first. */
export const xtceSeverities = ['WATCH', 'WARNING', 'DISTRESS', 'CRITICAL', 'SEVERE'] as const;
export type XtceSeverity = (typeof xtceSeverities)[number];

/** Statuses of the Astro UX design system, gravest first. */
export const astroStatuses = ['critical', 'serious', 'caution', 'normal', 'standby', 'off'] as const;
export type AstroStatus = (typeof astroStatuses)[number];

export interface SeverityRow {
  readonly xtce: XtceSeverity;
  readonly pus: Severity;
  /** For a narrow column. */
  readonly word: string;
  readonly status: AstroStatus;
}

/** Least first. PUS has four severities: its gravest stands for two of XTCE, and is told to Yamcs as the lesser of them. */
export const SEVERITY_TABLE: readonly SeverityRow[] = [
  { xtce: 'WATCH', pus: 'informative', word: 'info', status: 'standby' },
  { xtce: 'WARNING', pus: 'low', word: 'low', status: 'caution' },
  { xtce: 'DISTRESS', pus: 'medium', word: 'medium', status: 'serious' },
  { xtce: 'CRITICAL', pus: 'high', word: 'high', status: 'critical' },
  { xtce: 'SEVERE', pus: 'high', word: 'high', status: 'critical' },
];

export const severityOf = (severity: Severity): SeverityRow => {
  const row = SEVERITY_TABLE.find(({ pus }) => pus === severity);
  if (row === undefined) throw new Error(`no row of the table of severities has ${severity}`);
  return row;
};

export interface AstroLook {
  readonly colour: string;
  /** Told apart without colour: an SVG path in a box of 16 by 16, filled by the even-odd rule. */
  readonly path: string;
  readonly means: string;
}

/** Colours of Astro UX on a dark ground. */
export const ASTRO_LOOK: Readonly<Record<AstroStatus, AstroLook>> = {
  critical: { colour: '#ff3838', path: 'M8 1.5 15.5 14.5H0.5Z', means: 'to be done now' },
  serious: {
    colour: '#ffb302',
    path: 'M8 14.5 0.5 1.5H15.5Z',
    means: 'needs attention, or is being taken care of',
  },
  caution: { colour: '#fce83a', path: 'M1.5 1.5H14.5V14.5H1.5Z', means: 'to be kept an eye on' },
  normal: { colour: '#56f000', path: 'M8 1A7 7 0 1 1 8 15A7 7 0 1 1 8 1Z', means: 'as it should be' },
  standby: {
    colour: '#2dccff',
    path: 'M8 1A7 7 0 1 1 8 15A7 7 0 1 1 8 1ZM8 4.5A3.5 3.5 0 1 0 8 11.5A3.5 3.5 0 1 0 8 4.5Z',
    means: 'for information, or waiting',
  },
  off: { colour: '#a4abb6', path: 'M1 6H15V10H1Z', means: 'over, shelved, or not in use' },
};

/** What the state of a daemon asks for. */
export const DAEMON_STATUS: Readonly<Record<(typeof daemonStates)[number], AstroStatus>> = {
  online: 'normal',
  degraded: 'serious',
  passive: 'standby',
  offline: 'critical',
};

/** The status of an alarm as it stands. Once a person has taken a grave one, or it is back to normal, it is no longer to be done now. */
export const alarmStatus = ({
  severity,
  state,
  shelved,
}: Pick<Alarm, 'severity' | 'state' | 'shelved'>): AstroStatus => {
  if (state === 'cleared' || shelved !== null) return 'off';
  if (state === 'pending') return 'standby';
  const { status } = severityOf(severity);
  return status === 'critical' && state !== 'triggered' ? 'serious' : status;
};

/** The gravest of several; `normal` of none. */
export const gravestStatus = (statuses: readonly AstroStatus[]): AstroStatus =>
  astroStatuses.find((status) => statuses.includes(status)) ?? 'normal';
