/** Debian's Chromium for tests. Where it is not installed the tests are skipped and say so; in CI it is. */
import { isChromiumInstalled, openChromium } from '../../src/bench/chromium';
import { isMosquittoInstalled } from '../../src/bench/mosquitto';

export const describeWithBrowser = (title: string, body: () => void): void => {
  const missing = [...(isChromiumInstalled ? [] : ['chromium']), ...(isMosquittoInstalled ? [] : ['mosquitto'])];
  if (missing.length > 0 && process.env['CI'] === undefined)
    describe.skip(`${title} (skipped: ${missing.join(' and ')} not installed)`, body);
  else describe(title, body);
};

export const openBrowser = openChromium;
