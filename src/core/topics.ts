/** MQTT topics (CONTRACTS section 8) as pure text. */

export interface Topics {
  /** Whole frames. */
  readonly telemetry: string;
  /** Subscription to single parameters, `tm/+`. */
  readonly telemetryOfParameters: string;
  /** The spacecraft's operating mode, retained. */
  readonly mode: string;
  /** Telecommands that were sent. */
  readonly command: string;
  /** SenML packs, JSON or CBOR. */
  readonly senml: string;
  /** Whole CCSDS space packets, binary. */
  readonly packet: string;
  readonly anomaly: string;
  readonly check: string;
  /** Transitions of functional monitors. */
  readonly monitor: string;
  /** What was held back because its cause is known. */
  readonly muted: string;
  readonly action: string;
  /** Subscription to the acknowledgements of requests, `action/+/ack`. */
  readonly acknowledgements: string;
  /** Recoveries that are only recorded, or wait for a person. */
  readonly advice: string;
  readonly alarm: string;
  /** Subscription to what people ask, `request/+`. */
  readonly requests: string;
  readonly responses: string;
  readonly state: string;
  readonly health: string;
  /** The end of the log's chain, retained. */
  readonly logHead: string;
}

/** Topics of one spacecraft under the base topic. */
export const topicsOf = (baseTopic: string, spacecraft: string): Topics => {
  const root = `${baseTopic}/${spacecraft}`;
  return {
    telemetry: `${root}/tm`,
    telemetryOfParameters: `${root}/tm/+`,
    mode: `${root}/mode`,
    command: `${root}/command`,
    senml: `${root}/senml`,
    packet: `${root}/packet`,
    anomaly: `${root}/anomaly`,
    check: `${root}/check`,
    monitor: `${root}/monitor`,
    muted: `${root}/muted`,
    action: `${root}/action`,
    acknowledgements: `${root}/action/+/ack`,
    advice: `${root}/advice`,
    alarm: `${root}/alarm`,
    requests: `${root}/request/+`,
    responses: `${root}/response`,
    state: `${root}/state`,
    health: `${root}/health`,
    logHead: `${root}/log-head`,
  };
};

/** The parameter a telemetry topic names; undefined for the topic of whole frames. */
export const parameterOfTopic = ({ telemetry }: Topics, topic: string): string | undefined =>
  topic.startsWith(`${telemetry}/`) ? topic.slice(telemetry.length + 1) : undefined;

/** The part of a topic that a subscription with one `+` leaves open; undefined when it is not of that subscription. */
export const openLevel = (subscription: string, topic: string): string | undefined => {
  const [before = '', after = ''] = subscription.split('+');
  const level = topic.slice(before.length, topic.length - after.length);
  const isOne = topic.startsWith(before) && topic.endsWith(after) && level !== '' && !level.includes('/');
  return isOne ? level : undefined;
};
