/** The parts that have been started, and how each is stopped: the last one first, whatever the others do. */

interface Part {
  readonly name: string;
  readonly stop: () => unknown;
}

export class RunningParts {
  private readonly parts: Part[] = [];
  private stopping: Promise<void> | undefined;

  /** @param onTrouble told of a part that cannot stop; the others are stopped all the same. */
  constructor(private readonly onTrouble: (part: string, error: unknown) => void) {}

  /** `stop` may be asynchronous. */
  add(name: string, stop: () => unknown): void {
    this.parts.push({ name, stop });
  }

  /** Every part is stopped once; later calls wait for the first. */
  stop(): Promise<void> {
    return (this.stopping ??= this.stopAll());
  }

  private async stopAll(): Promise<void> {
    for (;;) {
      const part = this.parts.pop();
      if (part === undefined) return;
      try {
        await part.stop();
      } catch (error) {
        this.onTrouble(part.name, error);
      }
    }
  }
}
