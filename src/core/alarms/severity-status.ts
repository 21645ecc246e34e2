/**
 * One table of severities: those of PUS service 5 (ours) and of XTCE alarms (Yamcs), and the Astro UX status that shows each by colour
 * and shape. Red is for what must be done now.
 */
import type { Severity } from '../../domain/monitors';

/** Severities of XTCE alarms, as Yamcs names them, least first. */
export const xtceSeverities = ['WATCH', 'WARNING', 'DISTRESS', 'CRITICAL', 'SEVERE'] as const;
export type XtceSeverity = (typeof xtceSeverities)[number];

/** Status symbols of the Astro UX design system, gravest first. */
export const astroStatuses = ['critical', 'serious', 'caution', 'normal', 'standby', 'off'] as const;
export type AstroStatus = (typeof astroStatuses)[number];

export interface SeverityRow {
  /** For a narrow column. */
  readonly word: string;
  readonly xtce: XtceSeverity;
  readonly status: AstroStatus;
}

export const SEVERITY_TABLE: Readonly<Record<Severity, SeverityRow>> = {
  informative: { word: 'info', xtce: 'WATCH', status: 'standby' },
  low: { word: 'low', xtce: 'WARNING', status: 'caution' },
  medium: { word: 'medium', xtce: 'DISTRESS', status: 'serious' },
  high: { word: 'high', xtce: 'CRITICAL', status: 'critical' },
};

/** Of severities that only XTCE knows. */
export const XTCE_STATUS: Readonly<Record<XtceSeverity, AstroStatus>> = {
  WATCH: 'standby',
  WARNING: 'caution',
  DISTRESS: 'serious',
  CRITICAL: 'critical',
  SEVERE: 'critical',
};

export interface AstroLook {
  readonly colour: string;
  /** Told apart without colour. */
  readonly shape: 'triangle' | 'triangle-down' | 'square' | 'circle' | 'ring' | 'dash';
}

/** Colours of Astro UX on a dark ground. */
export const ASTRO_LOOK: Readonly<Record<AstroStatus, AstroLook>> = {
  critical: { colour: '#ff3838', shape: 'triangle' },
  serious: { colour: '#ffb302', shape: 'triangle-down' },
  caution: { colour: '#fce83a', shape: 'square' },
  normal: { colour: '#56f000', shape: 'circle' },
  standby: { colour: '#2dccff', shape: 'ring' },
  off: { colour: '#a4abb6', shape: 'dash' },
};

export const severityOf = (severity: Severity): SeverityRow => SEVERITY_TABLE[severity];
