/** The pages of the desk: what is to be done, on a phone held in one hand; calls by sound and notification; notes and the hand-over. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { BOB, ConsoleDaemon } from '../support/console-daemon';
import { TOKEN } from '../support/console-world';
import { violationsOf } from '../support/demo-page';
import { until } from '../support/until';

jest.setTimeout(120_000);

const PHONE = { width: 390, height: 844 } as const;

/** Counts tones and keeps notifications: what a person would hear and see outside the page. */
const WITNESS = `{
  window.tones = 0;
  window.notices = [];
  window.OscillatorNode = class extends OscillatorNode {
    start(when) { window.tones += 1; super.start(when); }
  };
  window.Notification = class {
    static requestPermission() { return Promise.resolve('granted'); }
    constructor(title, { body, tag }) { window.notices.push([title, body, tag]); }
  };
}`;

describeWithBrowser('the pages of the desk', () => {
  let daemon: ConsoleDaemon;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const troubles: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
    daemon = await ConsoleDaemon.open();
    await daemon.start();
    context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
    await context.addInitScript(WITNESS);
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) troubles.push(message.text());
    });
    await page.goto(`${daemon.url}/#/todo`);
    await page.waitForSelector('main h1');
  });
  afterAll(async () => {
    await browser.close();
    await daemon.close();
    expect(troubles).toEqual([]);
  });

  const dialog = () => page.locator('dialog[open]');
  const order = async (fields: Readonly<Record<string, string>>, verb: string): Promise<void> => {
    await dialog().locator('h2').waitFor();
    const token = dialog().getByLabel('Token');
    if ((await token.count()) > 0) await token.fill(TOKEN);
    for (const [label, value] of Object.entries(fields)) await dialog().getByLabel(label).fill(value);
    await dialog().getByRole('button', { name: verb, exact: true }).tap();
    await dialog().waitFor({ state: 'detached' });
  };
  const bar = (name: RegExp) => page.getByRole('group', { name: 'What to do' }).getByRole('button', { name });
  /** Where a thumb reaches: the lower half; and as large as one, 48 px at least. */
  const isUnderThumb = async (name: RegExp): Promise<boolean> => {
    const box = await bar(name).boundingBox();
    if (box === null) return false;
    const isOnScreen = box.x >= 0 && box.x + box.width <= PHONE.width && box.y + box.height <= PHONE.height;
    return isOnScreen && box.y >= PHONE.height / 2 && box.height >= 48 && box.width >= 48;
  };

  test('nothing is to be done, and sound and notification are off until they are turned on, and then remembered', async () => {
    await page.getByText('Nothing needs you.').waitFor();
    const [sound, notices] = [page.getByLabel('Sound'), page.getByLabel('Notification of the browser')];
    expect([await sound.isChecked(), await notices.isChecked()]).toEqual([false, false]);
    await sound.tap();
    await notices.tap();
    await until('both on', async () => (await sound.isChecked()) && (await notices.isChecked()));
    expect(await page.evaluate('window.tones')).toBe(2);
    await page.reload();
    await page.getByText('Nothing needs you.').waitFor();
    expect([await sound.isChecked(), await notices.isChecked()]).toEqual([true, true]);
    expect(await page.evaluate('[window.tones, window.notices]')).toEqual([0, []]);
    // A browser rings only on a page that was touched.
    await page.locator('h1').tap();
  });

  test('an anomaly calls once by sound and notification, and its recovery is approved with the thumb', async () => {
    await daemon.pass(10);
    await daemon.pass(12, { rw1_current: 10 });
    await bar(/^Approve/).waitFor();
    for (const name of [/^Approve/, /^Reject/, /^Next/]) expect(await isUnderThumb(name)).toBe(true);
    expect(await page.locator('.todo-card').innerText()).toMatch(/RW1: WHEEL_OFF[\s\S]*wheel=rw1[\s\S]*\d+ %/);
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    const titles = (await page.evaluate<[string, string, string][]>('window.notices')).map(([title]) => title);
    expect(titles.toSorted()).toEqual(['A recovery waits for a decision', 'RW1 anomaly']);
    const tones = await page.evaluate<number>('window.tones');
    await bar(/^Approve/).tap();
    expect(await violationsOf(page)).toEqual([]);
    const sheet = await dialog().boundingBox();
    // A sheet at the lower edge, under the thumb too.
    expect((sheet?.y ?? 0) + (sheet?.height ?? 0)).toBeCloseTo(PHONE.height, 0);
    await order({ Comment: 'go ahead' }, 'Approve and send');
    const [request] = await until('the request to leave', () => daemon.requests().length > 0 && daemon.requests());
    expect(JSON.parse(request ?? '')).toMatchObject({ command: 'WHEEL_OFF', approvedBy: 'ann' });
    // What was shown is over and stays until the person goes on.
    await page.getByText('This is over, or somebody has taken it.').waitFor();
    expect(await bar(/^Approve/).count()).toBe(0);
    await daemon.pass(3, { rw1_current: 10 });
    expect(await page.evaluate('window.tones')).toBe(tones);
  });

  test('the alarm comes next, and is acknowledged with the thumb', async () => {
    await until('the alarm of the anomaly', async () => {
      if ((await bar(/^Acknowledge RW1 anomaly/).count()) > 0) return true;
      const more = page.getByRole('button', { name: /new things: show/ });
      await ((await more.count()) > 0 ? more.tap() : bar(/^Next/).tap());
      return false;
    });
    expect(await isUnderThumb(/^Acknowledge RW1 anomaly/)).toBe(true);
    // Nobody has taken it yet: the severity has its own symbol.
    expect(await page.locator('.todo-card .mark').first().getAttribute('class')).toMatch(
      /status-(critical|serious|caution)/,
    );
    expect(await page.locator('.todo-card').innerText()).toMatch(/since 2026-060T/);
    await bar(/^Acknowledge RW1 anomaly/).tap();
    await order({ Comment: 'on it' }, 'Acknowledge');
    await page.getByText('This is over, or somebody has taken it.').waitFor();
    const { items } = (await (await fetch(`${daemon.url}/api/v1/alarms`)).json()) as {
      items: { name: string; acknowledged: { by: string } | null }[];
    };
    expect(items.find(({ name }) => name === 'anomaly/rw1')?.acknowledged?.by).toBe('ann');
  });

  test('the overview leads to notes and report; a shift is handed over, confirmed, and its report says so', async () => {
    await page.goto(`${daemon.url}/#/overview`);
    await page.getByRole('link', { name: 'Notes and hand-over' }).tap();
    await page.getByText('Nobody has written anything yet.').waitFor();
    await page.getByRole('button', { name: 'Write a note' }).tap();
    await order({ Text: 'wheel 1 is off' }, 'Write it');
    await page.getByText('wheel 1 is off').waitFor();
    await page.getByRole('button', { name: 'Hand the shift over' }).tap();
    await order({ Text: 'watch wheel 0' }, 'Hand over');
    await page.getByText('Handed over by ann, not confirmed yet').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    // Who takes the shift confirms it, and not the one who wrote it.
    await page.evaluate(`sessionStorage.setItem('fdir.token', '${BOB}')`);
    await page.reload();
    await page.getByRole('button', { name: 'Confirm the hand-over' }).tap();
    await order({ Comment: 'read' }, 'Confirm');
    await page.getByText('not confirmed yet').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Again' }).tap();
    await page.locator('.shift-report', { hasText: 'wheel 1 is off' }).waitFor();
    expect(await page.locator('.shift-report').innerText()).toMatch(/hand-over \d+[\s\S]*watch wheel 0/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save a page to print' }).tap(),
    ]);
    expect(file.suggestedFilename()).toBe('shift.html');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  });

  test('a note is written on the anomaly it is about, and stands on its page', async () => {
    await page.goto(`${daemon.url}/#/overview`);
    await page.locator('table.alarms a').first().tap();
    await page.waitForSelector('.sentence');
    await page.getByRole('button', { name: 'Write a note' }).tap();
    await order({ Text: 'seen before a slew' }, 'Write it');
    await page.locator('.timeline').getByText('seen before a slew').waitFor();
  });

  test('the help shows what every symbol means, and the severities behind it', async () => {
    await page.getByRole('button', { name: 'Keys and help' }).tap();
    await dialog().locator('.legend tbody tr').nth(5).waitFor();
    const rows = await dialog().locator('.legend tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*\t\s*/).map((cell) => cell.trim()))).toEqual([
      ['critical', 'to be done now', 'high', 'critical, severe'],
      ['serious', 'needs attention, or is being taken care of', 'medium', 'distress'],
      ['caution', 'to be kept an eye on', 'low', 'warning'],
      ['normal', 'as it should be', '–', '–'],
      ['standby', 'for information, or waiting', 'informative', 'watch'],
      ['off', 'over, shelved, or not in use', '–', '–'],
    ]);
    const shapes = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.legend path')].map((path) => path.getAttribute('d'))`,
    );
    expect(new Set(shapes).size).toBe(6);
    expect(await violationsOf(page)).toEqual([]);
  });
});
