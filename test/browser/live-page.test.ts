/** The live page on the demonstration's history: strips, what happened meanwhile, search, pins, the cursor. */
import type { Page } from 'playwright-core';
import { describeWithBrowser } from '../support/browser';
import { DemoPage, violationsOf } from '../support/demo-page';
import { until } from '../support/until';

jest.setTimeout(180_000);

describeWithBrowser('the live page', () => {
  let demo: DemoPage;
  beforeAll(async () => {
    demo = await DemoPage.open();
  });
  afterAll(() => demo.close());

  /** With the strips of six hours drawn. */
  const open = async (width: number, query = '?span=6h'): Promise<Page> => {
    const page = await demo.at(`#/live${query}`, width);
    await until('a value', async () => /\d expected/.test(await page.locator('.strip-value').nth(1).innerText()));
    return page;
  };
  /** How many pixels of a strip are drawn. */
  const drawn = (page: Page, strip: number): Promise<number> =>
    page.evaluate(`(() => {
      const canvas = document.querySelectorAll('.strip canvas')[${String(strip)}];
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count += 1;
      return count;
    })()`);

  test.each([1280, 390])('shows every parameter by equipment with its strip, %d px wide', async (width) => {
    const page = await open(width);
    expect(await page.locator('.strip').count()).toBe(17);
    expect(await page.locator('.strip-group h2').allInnerTexts()).toEqual(
      [0, 1, 2, 3].map((wheel) => `Reaction wheel ${String(wheel)} 4`),
    );
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    for (const strip of [0, 1]) expect(await drawn(page, strip)).toBeGreaterThan(500);
    await page.context().close();
  });

  test('one time axis holds the bands of anomalies, alarms and recoveries, which lead to their accounts', async () => {
    const page = await open(1280);
    const row = (name: string) => page.getByRole('group', { name, exact: true });
    await until('the bands', async () => (await row('Anomalies').locator('a').count()) === 5);
    expect(await row('Recoveries').locator('a').count()).toBe(7);
    expect(await row('Alarms').locator('.span').count()).toBe(4);
    const { x = 0, width = 0 } = (await row('Anomalies').boundingBox()) ?? {};
    const first = await row('Anomalies').locator('a').last().boundingBox();
    // Six hours: the first anomaly is three quarters of an hour after the start.
    expect(((first?.x ?? 0) - x) / width).toBeCloseTo(0.76 / 6, 1);
    await row('Anomalies').locator('a').first().click();
    await page.waitForSelector('.sentence');
    await page.context().close();
  });

  test('the cursor reads the values of every strip at one time, by mouse and by keyboard', async () => {
    const page = await open(1280);
    const box = await page.locator('.strip canvas').nth(1).boundingBox();
    if (box === null) throw new Error('no strip');
    const newest = await page.locator('.strip-value').nth(1).innerText();
    await page.mouse.move(box.x + box.width / 2, box.y + 10);
    const clock = page.locator('.key-time');
    await until('the cursor', async () => /^at 2026-060T0[23]:/.test(await clock.innerText()));
    expect(await page.locator('.strip-value').nth(1).innerText()).not.toBe(newest);
    await page.mouse.move(box.x + 10, 5);
    await until('the newest', async () => (await clock.innerText()).startsWith('newest'));
    await page.locator('.live').focus();
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('PageDown');
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('PageUp');
    await until('the keyboard', async () => /^at 2026-060T0[23]:/.test(await clock.innerText()));
    await page.context().close();
  });

  test('a parameter is found by name, pinned, and stays pinned; the range can be sent to a colleague', async () => {
    const page = await open(1280);
    await page.getByRole('searchbox').fill('bearing');
    await until('four', async () => (await page.locator('.strip').count()) === 5);
    await page.getByRole('button', { name: 'Pin bearing temperature' }).first().click();
    await page.getByRole('button', { name: '24 h' }).click();
    expect(page.url()).toMatch(/#\/live\?span=24h&find=bearing$/);
    await page.reload();
    await page.waitForSelector('.strip');
    expect((await page.locator('.strip-group h2').allInnerTexts())[0]).toBe('Pinned 1');
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('No parameter is called so.').waitFor();
    await page.context().close();
  });

  test.each(['dark', 'light'] as const)('no accessibility rule is broken, %s', async (colorScheme) => {
    const page = await demo.at('#/live?span=6h', 1280, (fresh) => fresh.emulateMedia({ colorScheme }));
    await until('a value', async () => /\d expected/.test(await page.locator('.strip-value').nth(1).innerText()));
    expect(await violationsOf(page)).toEqual([]);
    await page.context().close();
  });
});
