/**
 * Reads one element and remembers what was read of it. `finish` refuses every attribute and child that nobody asked for:
 * this is how nothing of a definition is skipped in silence.
 */
import type { XmlElement } from '../xml/read-xml';
import type { Report } from './report';

/** Documentation and bookkeeping: of no effect on any value, limit or command. */
const DOCUMENTATION = ['LongDescription', 'AncillaryDataSet', 'AliasSet'];

const INTEGER = /^[+-]?\d+$/;
const HEXADECIMAL = /^0[xX][0-9a-fA-F]+$/;
/** The lexical form of xs:double, without INF and NaN, which no number of a definition may be. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** An integer in decimal or `0x` form, or undefined. */
export const parseInteger = (text: string): number | undefined => {
  const value = text.trim();
  if (!INTEGER.test(value) && !HEXADECIMAL.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
};

/** A finite number in decimal or `0x` form, or undefined. */
export const parseNumber = (text: string): number | undefined => {
  const value = text.trim();
  if (HEXADECIMAL.test(value)) return Number(value);
  const number = DECIMAL.test(value) ? Number(value) : NaN;
  return Number.isFinite(number) ? number : undefined;
};

export class ElementReader {
  readonly #attributes = new Set<string>();
  readonly #children = new Map<XmlElement, ElementReader>();

  constructor(
    readonly element: XmlElement,
    readonly report: Report,
  ) {}

  get name(): string {
    return this.element.name;
  }
  get line(): number {
    return this.element.line;
  }
  get text(): string {
    return this.element.text;
  }

  refuse(message: string): void {
    this.report.refuse(this.element, message);
  }
  warn(message: string): void {
    this.report.warn(this.element, message);
  }

  attribute(name: string): string | undefined {
    this.#attributes.add(name);
    return this.element.attributes.get(name);
  }

  /** Refuses the element when the attribute is missing or empty. */
  required(name: string): string {
    const value = this.attribute(name);
    if (value === undefined || value === '') this.refuse(`has no attribute ${name}`);
    return value ?? '';
  }

  integer(name: string, otherwise: number): number {
    return this.#number(name, parseInteger, 'an integer') ?? otherwise;
  }

  number(name: string): number | undefined {
    return this.#number(name, parseNumber, 'a number');
  }

  #number(name: string, parse: (text: string) => number | undefined, what: string): number | undefined {
    const text = this.attribute(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) this.refuse(`${name}="${text}" is not ${what}`);
    return value;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const text = this.attribute(name)?.trim();
    if (text === undefined) return otherwise;
    if (text !== 'true' && text !== 'false' && text !== '1' && text !== '0') {
      this.refuse(`${name}="${text}" is not true or false`);
    }
    return text === 'true' || text === '1';
  }

  /** One of `values`; refuses another one. */
  oneOf<T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const text = this.attribute(name)?.trim();
    if (text === undefined) return otherwise;
    const found = values.find((value) => value === text);
    if (found === undefined) this.refuse(`${name}="${text}" is not supported; it can be ${values.join(', ')}`);
    return found ?? otherwise;
  }

  /** Says of the element's own text that it was read, as an integer. */
  integerText(): number | undefined {
    const value = parseInteger(this.text);
    if (value === undefined) this.refuse(`"${this.text}" is not an integer`);
    return value;
  }

  /** The only child of that name. Refuses a second one. */
  child(name: string): ElementReader | undefined {
    const [first, second] = this.children(name);
    if (second !== undefined) second.refuse(`stands a second time in ${this.name}; one is allowed`);
    return first;
  }

  children(...names: readonly string[]): readonly ElementReader[] {
    return this.element.children
      .filter((child) => names.includes(child.name))
      .map((child) => {
        const known = this.#children.get(child) ?? new ElementReader(child, this.report);
        this.#children.set(child, known);
        return known;
      });
  }

  /** A reader of an element that was made of this one. */
  sibling(element: XmlElement): ElementReader {
    return new ElementReader(element, this.report);
  }

  /** Every child that was not asked for yet, as read. */
  others(): readonly ElementReader[] {
    return this.children(
      ...this.element.children.filter((child) => !this.#children.has(child)).map(({ name }) => name),
    );
  }

  /** Children and attributes that cannot have an effect. */
  ignore(...names: readonly string[]): void {
    this.children(...names);
    names.forEach((name) => this.#attributes.add(name));
  }

  /** Lists children that are not honoured and cannot change a value. */
  warnAbout(names: readonly string[], message: string): void {
    this.children(...names).forEach((child) => {
      child.warn(message);
    });
  }

  /** Refuses whatever was not read. */
  finish(): void {
    this.ignore(...DOCUMENTATION, 'shortDescription');
    for (const name of this.element.attributes.keys()) {
      if (!this.#attributes.has(name)) this.refuse(`has the attribute ${name}, which is not honoured`);
    }
    for (const child of this.element.children) {
      if (!this.#children.has(child)) this.report.refuse(child, `is not honoured in ${this.name}`);
    }
  }
}
