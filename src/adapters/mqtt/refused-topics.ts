/** Topics whose last message the broker refused. */

/** Topics of answers are many. */
const MAX_REFUSED = 100;

export class RefusedTopics {
  private readonly topics = new Set<string>();

  /** @returns whether the last message on this topic was taken. */
  refuse(topic: string): boolean {
    const isNew = !this.topics.has(topic) && this.topics.size < MAX_REFUSED;
    if (isNew) this.topics.add(topic);
    return isNew;
  }

  /** @returns whether now, and only now, the last message on every topic was taken. */
  take(topic: string): boolean {
    return this.topics.delete(topic) && this.topics.size === 0;
  }
}
