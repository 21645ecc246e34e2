/** Tests with a real Mosquitto. Where it is not installed they are skipped and say so. */
import { isMosquittoInstalled } from '../../src/bench/mosquitto';

export { startBroker, type Broker } from '../../src/bench/mosquitto';

/** `describe`, or `describe.skip` with the reason in the title when there is no Mosquitto. */
export const describeWithBroker = (title: string, body: () => void): void => {
  if (!isMosquittoInstalled) describe.skip(`${title} (skipped: mosquitto is not installed)`, body);
  else describe(title, body);
};
