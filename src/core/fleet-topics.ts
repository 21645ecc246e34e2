/** Topics of the workers of a fleet; those of its spacecraft are the ones that any spacecraft has (topics.ts). */

export interface WorkerTopics {
  /** Retained, also last will. */
  readonly state: string;
  /** Retained, every ten seconds. */
  readonly health: string;
}

export const workerTopics = (baseTopic: string, worker: string): WorkerTopics => {
  const root = `${baseTopic}/fleet/${worker}`;
  return { state: `${root}/state`, health: `${root}/health` };
};
