/** What the readers of single elements need of the whole reading: the report, and things that are named elsewhere. */
import type { ElementReader } from './element-reader';
import type { MetaCommand } from './definition';
import type { Argument, XtceCondition, Container, DataType, XtceParameter, ValueReference } from './model';
import type { Declaration, SystemIndex } from './references';
import type { Report } from './report';

/** What the leading size of a string counts: XTCE leaves it open. */
export type LeadingSize = 'bits' | 'bytes';

export interface Reading {
  readonly report: Report;
  /** Undefined: nobody said it. Bits are taken, and that is warned of. */
  readonly leadingSize: LeadingSize | undefined;
  /** Each gives undefined, and says why on `at`, when what is named is missing, refused or being read already (a cycle). */
  readonly type: (at: ElementReader, found: Declaration | undefined, reference: string) => DataType | undefined;
  readonly parameter: (
    at: ElementReader,
    found: Declaration | undefined,
    reference: string,
  ) => XtceParameter | undefined;
  readonly container: (at: ElementReader, found: Declaration | undefined, reference: string) => Container | undefined;
  readonly command: (at: ElementReader, found: Declaration | undefined, reference: string) => MetaCommand | undefined;
}

/** Where an element stands: its SpaceSystem, and the arguments when it belongs to a command. */
export interface Scope {
  readonly system: SystemIndex;
  readonly arguments?: ReadonlyMap<string, Argument>;
  /** What a command assigns to arguments of those that it extends: packets with other values are other commands. */
  readonly assigned?: readonly XtceCondition[];
}

export type ReadValue = (at: ElementReader, scope: Scope) => ValueReference | undefined;
