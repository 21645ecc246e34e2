/** Ranges, and what an alarm checks of one value. */

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** True when the bound itself is outside. */
  readonly minExclusive?: boolean;
  readonly maxExclusive?: boolean;
}

export const ALARM_LEVELS = ['watch', 'warning', 'distress', 'critical', 'severe'] as const;
export type AlarmLevel = (typeof ALARM_LEVELS)[number];

/** `ranges[level]` is where the value is good (`outside`, the default) or bad (`inside`). */
export type AlarmCheck =
  | {
      readonly kind: 'static';
      readonly alarmWhen: 'outside' | 'inside';
      readonly ranges: Readonly<Partial<Record<AlarmLevel, readonly Range[]>>>;
    }
  | {
      readonly kind: 'enumeration';
      readonly labels: readonly { readonly label: string; readonly level: AlarmLevel | 'normal' }[];
      readonly otherwise: AlarmLevel | 'normal';
    }
  | {
      readonly kind: 'change';
      readonly alarmWhen: 'outside' | 'inside';
      /** Change of the value per second, or between two samples. */
      readonly per: 'second' | 'sample';
      readonly form: 'difference' | 'percent';
      readonly ranges: Readonly<Partial<Record<AlarmLevel, readonly Range[]>>>;
    };
