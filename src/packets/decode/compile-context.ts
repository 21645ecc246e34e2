/** What compiling one definition shares: fields, slots for values that something refers to, limits, problems. */
import type { LeapSeconds } from '../time/leap-seconds';
import type { Argument, DefinitionProblem, XtceParameter, ScalarType, ValueReference } from '../xtce/model';
import type { Field } from './values';

export interface DecodeLimits {
  /** Values that one packet may give. */
  readonly maxValues: number;
}
export const DECODE_LIMITS: DecodeLimits = { maxValues: 100_000 };

export interface Owner {
  readonly parameter?: XtceParameter;
  readonly argument?: Argument;
}

export class CompileContext {
  readonly #fields = new Map<string, Field>();
  readonly #slots = new Map<string, number>();
  readonly #references: ValueReference[] = [];
  readonly problems: DefinitionProblem[] = [];

  constructor(
    /** Values of parameters that no packet holds, by id: engineering values as text. */
    readonly constants: Readonly<Record<string, string>>,
    readonly leapSeconds: LeapSeconds,
  ) {}

  field(id: string, type: ScalarType, owner: Owner): Field {
    const known = this.#fields.get(id);
    if (known !== undefined) return known;
    const field: Field = { id, index: this.#fields.size, type, ...owner };
    this.#fields.set(id, field);
    return field;
  }

  fields(): readonly Field[] {
    return [...this.#fields.values()];
  }

  /** Where the newest value of what is referred to is kept. */
  slotOf(reference: ValueReference): number {
    this.#references.push(reference);
    const slot = this.#slots.get(reference.id) ?? this.#slots.size;
    this.#slots.set(reference.id, slot);
    return slot;
  }

  /** Where values of this id are to be kept, or undefined when nothing refers to them. */
  slotFor(id: string): number | undefined {
    return this.#slots.get(id);
  }

  get slots(): number {
    return this.#slots.size;
  }

  initialOf(reference: ValueReference): string | undefined {
    return this.constants[reference.id] ?? reference.initial;
  }

  /** References that neither a packet nor an initial value can ever answer. */
  dangling(): readonly ValueReference[] {
    const dangling = this.#references.filter((reference) => {
      const isElement = reference.id.includes('[');
      return !isElement && !this.#fields.has(reference.id) && this.initialOf(reference) === undefined;
    });
    return [...new Map(dangling.map((reference) => [`${reference.id} ${String(reference.line)}`, reference])).values()];
  }
}
