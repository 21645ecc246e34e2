/** The whole of a definition: its SpaceSystems, parameters, containers and commands, by id. */
import type { Argument, Container, XtceParameter } from './model';

export type Consequence = 'none' | 'watch' | 'warning' | 'distress' | 'critical' | 'severe';
export interface MetaCommand {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly system: string;
  readonly abstract: boolean;
  readonly description?: string;
  readonly base?: MetaCommand;
  readonly systemName?: string;
  readonly ownArguments: readonly Argument[];
  /** Own and inherited arguments that a person still gives, in order. */
  readonly arguments: readonly Argument[];
  /** Arguments that this command or one it extends fixes, by name. */
  readonly assigned: Readonly<Record<string, string>>;
  readonly container?: Container;
  readonly significance?: { readonly consequence: Consequence; readonly reason?: string };
  readonly line: number;
}

export interface SpaceSystem {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description?: string;
  readonly line: number;
}

export interface Definition {
  /** Name of the root SpaceSystem. */
  readonly name: string;
  readonly namespace: '1.1' | '1.2' | 'none' | 'other';
  readonly systems: readonly SpaceSystem[];
  /** By id, in document order. */
  readonly parameters: ReadonlyMap<string, XtceParameter>;
  readonly containers: ReadonlyMap<string, Container>;
  readonly commandContainers: ReadonlyMap<string, Container>;
  readonly commands: ReadonlyMap<string, MetaCommand>;
}
