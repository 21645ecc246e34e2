/** What a definition of the telemetry says of a parameter, which no recording shows: it goes before what is guessed. */
type Range = readonly [low: number, high: number];

export interface KnownFacts {
  readonly units?: string | undefined;
  readonly title?: string | undefined;
  readonly equipment?: string | undefined;
  readonly valid?: Range | undefined;
  readonly warning?: Range | undefined;
  readonly critical?: Range | undefined;
  /** Labels, flags and modes: sent on change, or with few values. */
  readonly isEvent?: boolean;
  /** A field of the header that every packet begins with: a model learns nothing of it. */
  readonly isHeader?: boolean;
}

const bound = (value: number): string => (Number.isFinite(value) ? String(value) : value < 0 ? '-.inf' : '.inf');

export const rangeText = ([low, high]: Range): string => `[${bound(low)}, ${bound(high)}]`;

/** `limits: { warning: [..] }` as a key of a parameter; empty without limits. */
export const limitsKeys = ({ warning, critical }: KnownFacts): readonly string[] => {
  const sets = [
    ...(warning === undefined ? [] : [`warning: ${rangeText(warning)}`]),
    ...(critical === undefined ? [] : [`critical: ${rangeText(critical)}`]),
  ];
  return sets.length === 0 ? [] : [`limits: { ${sets.join(', ')} }`];
};
