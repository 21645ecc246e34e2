/** The page of one spacecraft of a fleet, and the grid that leads there, on a desk and on a phone. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { Broker } from '../../src/bench/mosquitto';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { startCli, type Running } from '../support/cli';
import { violationsOf } from '../support/demo-page';
import { fly, listenToFleet, writeFleet, type FleetListener } from '../support/fleet-world';
import { freePort } from '../support/free-port';
import { startBroker } from '../support/mosquitto';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

jest.setTimeout(120_000);

const NAMES = ['SAT-1', 'SAT-2'];
const DESK = { width: 1280, height: 800 } as const;
const PHONE = { width: 390, height: 844 } as const;

describeWithBrowser('the page of a spacecraft of a fleet', () => {
  let broker: Broker;
  let workspace: Workspace;
  let listener: FleetListener;
  let fleet: Running;
  let browser: Browser;
  let url: string;
  const troubles: string[] = [];

  beforeAll(async () => {
    broker = await startBroker();
    workspace = await makeWorkspace();
    listener = await listenToFleet(broker.url);
    const file = writeFleet(workspace, broker.url, { spacecraft: `[${NAMES.join(', ')}]` });
    const port = await freePort();
    writeFileSync(file, readFileSync(file, 'utf8').replace('console: false', `console: { port: ${String(port)} }`));
    url = `http://127.0.0.1:${String(port)}`;
    fleet = startCli(['run', '--config', file, '--log-level', 'warn']);
    const isOnline = (name: string): boolean => listener.on(`fdir/${name}/state`).at(-1)?.text === 'online';
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 30, faulty: ['SAT-2'] });
    await until('the anomaly', () => listener.on('fdir/SAT-2/anomaly').length > 0);
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await fleet.stop();
    await listener.stop();
    await broker.stop();
    workspace.remove();
    expect(troubles).toEqual([]);
  });

  const open = async (viewport: typeof DESK | typeof PHONE, path: string): Promise<Page> => {
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) troubles.push(message.text());
    });
    await page.goto(`${url}${path}`);
    return page;
  };
  /** Nothing is beside the screen: what is wide is scrolled in a region of its own. */
  const isWithin = (page: Page): Promise<boolean> =>
    page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

  test.each([DESK, PHONE])(
    'leads from the grid to alarms, anomalies and an account, $width px wide',
    async (viewport) => {
      const page = await open(viewport, '/');
      await page.getByRole('button', { name: 'SAT-2' }).click();
      await page.getByRole('link', { name: 'anomalies, alarms, accounts' }).click();
      await page.getByRole('heading', { level: 1, name: 'SAT-2' }).waitFor();
      await page.locator('#summary').getByText('frames').waitFor();
      expect(await page.locator('#alarms').innerText()).toMatch(/triggered since/);
      const rows = page.locator('#anomalies tr');
      await rows.first().waitFor();
      expect(await rows.count()).toBe(1);
      expect(await rows.first().innerText()).toContain('rw1');
      expect({ isWithin: await isWithin(page), violations: await violationsOf(page) }).toEqual({
        isWithin: true,
        violations: [],
      });
      await rows.first().getByRole('link').click();
      await page.getByRole('heading', { name: 'Account' }).waitFor();
      expect(await page.locator('#account').innerText()).toMatch(/switch-wheel/);
      expect({ isWithin: await isWithin(page), violations: await violationsOf(page) }).toEqual({
        isWithin: true,
        violations: [],
      });
      await page.context().close();
    },
  );

  test('the grid keeps the focus of the keyboard when it is drawn anew', async () => {
    const page = await open(DESK, '/');
    const button = page.getByRole('button', { name: 'SAT-2' });
    await button.focus();
    const before = await page.locator('#summary').innerText();
    await until('the grid to be drawn anew', async () => (await page.locator('#summary').innerText()) !== before);
    expect(await page.locator('#grid button:focus').innerText()).toContain('SAT-2');
    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
  });

  test('filters its anomalies by words and state', async () => {
    const page = await open(DESK, '/spacecraft/SAT-2');
    const rows = page.locator('#anomalies tr');
    await rows.first().waitFor();
    await page.getByLabel('Words').fill('nothing-like-it');
    await until('no row', async () => (await rows.count()) === 0);
    await page.getByLabel('Words').fill('rw1');
    await until('the row', async () => (await rows.count()) === 1);
    await page.getByRole('combobox', { name: 'Anomalies' }).selectOption('closed');
    await until('none that is closed', async () => (await rows.count()) === 0);
    await page.context().close();
  });

  test('shows a spacecraft without anomalies, and says when there is none of that name', async () => {
    const quiet = await open(PHONE, '/spacecraft/SAT-1');
    await quiet.getByText('none is open').waitFor();
    expect({ isWithin: await isWithin(quiet), violations: await violationsOf(quiet) }).toEqual({
      isWithin: true,
      violations: [],
    });
    await quiet.context().close();
    const missing = await open(PHONE, '/spacecraft/SAT-9');
    await missing.locator('#summary').getByText('SAT-9').waitFor();
    expect(await violationsOf(missing)).toEqual([]);
    await missing.context().close();
  });
});
