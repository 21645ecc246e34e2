/** What the readers of single elements need of the whole reading: the report, and things that are named elsewhere. */
import type { ElementReader } from './element-reader';
import type { MetaCommand } from './definition';
import type { Argument, Container, DataType, Parameter, ValueReference } from './model';
import type { Declared, SystemIndex } from './references';
import type { Report } from './report';

export interface Reading {
  readonly report: Report;
  /** Each gives undefined, and says why on `at`, when what is named is missing, refused or being read already (a cycle). */
  readonly type: (at: ElementReader, found: Declared | undefined, reference: string) => DataType | undefined;
  readonly parameter: (at: ElementReader, found: Declared | undefined, reference: string) => Parameter | undefined;
  readonly container: (at: ElementReader, found: Declared | undefined, reference: string) => Container | undefined;
  readonly command: (at: ElementReader, found: Declared | undefined, reference: string) => MetaCommand | undefined;
}

/** Where an element stands: its SpaceSystem, and the arguments when it belongs to a command. */
export interface Scope {
  readonly system: SystemIndex;
  readonly arguments?: ReadonlyMap<string, Argument>;
}

export type ReadValue = (at: ElementReader, scope: Scope) => ValueReference | undefined;
