/** MQTT topics (CONTRACTS section 8) as pure text. */

export interface Topics {
  /** Whole frames. */
  readonly telemetry: string;
  /** Subscription to single parameters, `tm/+`. */
  readonly telemetryOfParameters: string;
  readonly anomaly: string;
  readonly check: string;
  /** Transitions of functional monitors. */
  readonly monitor: string;
  /** What was held back because its cause is known. */
  readonly muted: string;
  readonly action: string;
  readonly state: string;
  readonly health: string;
}

/** Topics of one spacecraft under the base topic. */
export const topicsOf = (baseTopic: string, spacecraft: string): Topics => {
  const root = `${baseTopic}/${spacecraft}`;
  return {
    telemetry: `${root}/tm`,
    telemetryOfParameters: `${root}/tm/+`,
    anomaly: `${root}/anomaly`,
    check: `${root}/check`,
    monitor: `${root}/monitor`,
    muted: `${root}/muted`,
    action: `${root}/action`,
    state: `${root}/state`,
    health: `${root}/health`,
  };
};

/** The parameter a telemetry topic names; undefined for the topic of whole frames. */
export const parameterOfTopic = ({ telemetry }: Topics, topic: string): string | undefined =>
  topic.startsWith(`${telemetry}/`) ? topic.slice(telemetry.length + 1) : undefined;
