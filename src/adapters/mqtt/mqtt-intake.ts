/** Messages that were read and are not acknowledged. Acknowledgements leave in the order of the messages (MQTT 5, section 4.6). */

/** Messages under way towards us (MQTT 5, section 3.1.2.11.3): some groups of commits, and little to hold. */
export const RECEIVE_MAXIMUM = 64;

interface UnderWay {
  isDone: boolean;
  readonly acknowledge: () => void;
}

export class Intake {
  private underWay: UnderWay[] = [];
  private readOn: (() => void) | undefined;

  /** How many are not acknowledged. */
  get size(): number {
    return this.underWay.length;
  }

  /** @returns what to call when the message is dealt with. */
  take(acknowledge: () => void): () => void {
    const item: UnderWay = { isDone: false, acknowledge };
    this.underWay.push(item);
    return () => {
      item.isDone = true;
      this.settle();
    };
  }

  /** Calls back now or when there is room for one more: a broker of MQTT 3.1.1 knows no receive maximum. */
  whenRoom(readOn: () => void): void {
    if (this.underWay.length < RECEIVE_MAXIMUM) readOn();
    else this.readOn = readOn;
  }

  /** The connection is gone: the broker sends again what it has no acknowledgement of, under other numbers. */
  forget(): void {
    this.underWay = [];
    this.readOn = undefined;
  }

  private settle(): void {
    while (this.underWay[0]?.isDone === true) this.underWay.shift()?.acknowledge();
    if (this.readOn === undefined || this.underWay.length >= RECEIVE_MAXIMUM) return;
    const { readOn } = this;
    this.readOn = undefined;
    readOn();
  }
}
