/** Collects what is not honoured while a definition is read, and knows which part of the reading it spoils. */
import type { XmlElement } from '../xml/read-xml';
import type { DefinitionProblem } from './model';

/** A definition with more problems than this is not worth listing to the end; what is beyond is counted. */
const MAX_PROBLEMS = 10_000;

/** `Parameter "X"`: the element and what it is called. */
export const nameOf = (element: XmlElement): string => {
  const named = ['name', 'parameterRef', 'containerRef', 'argumentRef', 'label', 'metaCommandRef']
    .map((attribute) => element.attributes.get(attribute))
    .find((value) => value !== undefined);
  return named === undefined ? element.name : `${element.name} "${named}"`;
};

export type DefinitionAttempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: DefinitionProblem };

export class Report {
  readonly #problems: DefinitionProblem[] = [];
  #refusals = 0;
  #last: DefinitionProblem | undefined;
  #unlisted = 0;

  #add(element: XmlElement, effect: 'refused' | 'warning', message: string): DefinitionProblem {
    const problem = { line: element.line, element: nameOf(element), effect, message };
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
    else this.#unlisted += 1;
    return problem;
  }

  refuse(element: XmlElement, message: string): DefinitionProblem {
    this.#refusals += 1;
    return (this.#last = this.#add(element, 'refused', message));
  }

  warn(element: XmlElement, message: string): void {
    this.#add(element, 'warning', message);
  }

  /** A warning about something whose element is not at hand. */
  warnAt(line: number, element: string, message: string): void {
    this.#add({ line, name: element, attributes: new Map(), children: [], text: '' }, 'warning', message);
  }

  /** Runs `read`; not ok if anything was refused meanwhile. Refusals inside do not spoil what is being read around it. */
  attempt<T>(read: () => T): DefinitionAttempt<T> {
    const before = this.#refusals;
    const lastBefore = this.#last;
    this.#last = undefined;
    const value = read();
    const spoilt = this.#refusals > before ? this.#last : undefined;
    this.#refusals = before;
    this.#last = lastBefore;
    return spoilt === undefined ? { ok: true, value } : { ok: false, problem: spoilt };
  }

  /** All problems in the order of lines. */
  problems(): readonly DefinitionProblem[] {
    const sorted = [...this.#problems].sort((a, b) => a.line - b.line);
    if (this.#unlisted === 0) return sorted;
    const message = `${String(this.#unlisted)} further problems are not listed`;
    return [...sorted, { line: sorted.at(-1)?.line ?? 1, element: 'document', effect: 'refused', message }];
  }
}
