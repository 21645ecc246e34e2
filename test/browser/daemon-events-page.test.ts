/** The daemon's own events and the history on the page of the console, in a real browser. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { ConsoleDaemon } from '../support/console-daemon';
import { until } from '../support/until';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

jest.setTimeout(120_000);

describeWithBrowser('the daemon events of the console', () => {
  let daemon: ConsoleDaemon;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await openBrowser();
    daemon = await ConsoleDaemon.open();
    await daemon.start();
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(30_000);
  });
  afterAll(async () => {
    await browser.close();
    await daemon.close();
  });

  const kinds = (): Promise<string[]> => page.locator('main tbody tr td:nth-child(3)').allInnerTexts();

  test('they are found beside the log, newest first, and new ones appear by themselves', async () => {
    await page.goto(`${daemon.url}/#/log`);
    await page.getByRole('link', { name: 'Daemon events' }).click();
    await page.locator('main tbody tr', { hasText: 'the daemon started in mode active' }).waitFor();
    expect((await kinds()).at(-1)).toBe('started');
    await daemon.stop();
    await daemon.start();
    await until('the stop and the second start', async () => {
      const shown = await kinds();
      return shown.filter((kind) => kind === 'started').length === 2 && shown.includes('stopped');
    });
  });

  test('they are filtered, and the address of a filter can be sent to a colleague', async () => {
    await page.goto(`${daemon.url}/#/log/events`);
    await page.getByLabel('Kind').selectOption('stopped');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await until('the filter', async () => (await kinds()).join() === 'stopped');
    expect(page.url()).toMatch(/#\/log\/events\?kind=stopped$/);
    await page.goto(`${daemon.url}/#/log/events?severity=error`);
    await page.getByText('No event fits').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await until('all of them', async () => (await kinds()).includes('started'));
  });

  test('the history is a tab beside it: kinds together, filtered by an address, names told that the log does not have', async () => {
    await page.goto(`${daemon.url}/#/log/events`);
    await page.getByRole('link', { name: 'History' }).click();
    await page.locator('main tbody tr', { hasText: 'the daemon started in mode active' }).first().waitFor();
    await page.locator('a[aria-current="page"]', { hasText: 'History' }).waitFor();
    await page.getByLabel('Text').fill('stopped');
    await page.getByLabel('Kind').selectOption('event');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await until('the filter', async () => (await kinds()).join() === 'stopped');
    expect(page.url()).toMatch(/#\/log\/history\?text=stopped&kind=event$/);
    await page.goto(`${daemon.url}/#/log/history?equipment=rv1`);
    await page.getByText('no anomaly of the log has the equipment rv1').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('main tbody tr', { hasText: 'the daemon started in mode active' }).first().waitFor();
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<{ violations: { id: string }[] }>(
      'axe.run(document.querySelector("main"))',
    );
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  test.each(['events', 'history'])('nothing of the %s is wider than a phone', async (list) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${daemon.url}/#/log/${list}`);
    await page.locator('main tbody tr').first().waitFor();
    // The page around it belongs to other tests.
    expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
  });
});
