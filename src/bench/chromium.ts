/** Debian's Chromium, driven by playwright-core. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const BINARY = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const isChromiumInstalled = BINARY !== undefined;

/** @throws when it is not installed. */
export const openChromium = (): Promise<Browser> => {
  if (BINARY === undefined) throw new Error('chromium is not installed: .ci/run installs it');
  return chromium.launch({ executablePath: BINARY, args: ARGUMENTS });
};
