/** The logical skeleton of a condition: what is left of CEL's syntax tree for judging it with four values and for reasoning about it. */

export type Literal = string | number | boolean;
export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

/** A value compared with literals; durations are milliseconds. */
export interface Comparison {
  /** The text of what is compared, blanks removed: `anomaly.fault`, `abs(rw2_speed_rpm)`. */
  readonly path: string;
  readonly comparator: Comparator;
  /** One, or of `in` all. */
  readonly literals: readonly Literal[];
}

/** A sub-expression without logic in it. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly text: string;
  /** Undefined when it is nothing that can be reasoned about. */
  readonly comparison?: Comparison | undefined;
  /** It says `true` or `false` and nothing else. */
  readonly constant?: boolean | undefined;
}

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'if'; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression }
  | Leaf;
