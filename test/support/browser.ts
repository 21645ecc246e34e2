/** Debian's Chromium, driven by playwright-core. Where it is not installed the tests are skipped and say so; in CI it is. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { isMosquittoInstalled } from '../../src/bench/mosquitto';

const BINARY = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

export const describeWithBrowser = (title: string, body: () => void): void => {
  const missing = [...(BINARY === undefined ? ['chromium'] : []), ...(isMosquittoInstalled ? [] : ['mosquitto'])];
  if (missing.length > 0 && process.env['CI'] === undefined)
    describe.skip(`${title} (skipped: ${missing.join(' and ')} not installed)`, body);
  else describe(title, body);
};

export const openBrowser = (): Promise<Browser> => {
  if (BINARY === undefined) throw new Error('chromium is not installed: .ci/run installs it');
  return chromium.launch({
    executablePath: BINARY,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
};
