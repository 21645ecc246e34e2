/** The daemon's own events on the page of the console, in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { ConsoleDaemon } from '../support/console-daemon';
import { until } from '../support/until';

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

  const kinds = (): Promise<string[]> => page.locator('tbody tr td:nth-child(3)').allInnerTexts();

  test('they are found beside the log, newest first, and new ones appear by themselves', async () => {
    await page.goto(`${daemon.url}/#/log`);
    await page.getByRole('link', { name: 'Daemon events' }).click();
    await page.locator('tbody tr', { hasText: 'the daemon started in mode active' }).waitFor();
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

  test('nothing is wider than a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${daemon.url}/#/log/events`);
    await page.locator('tbody tr').first().waitFor();
    // The page around it belongs to other tests.
    expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0);
  });
});
