/** The demonstration's own page as a new user sees it, on a desk (1280 px) and on a phone (390 px). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describeWithBrowser } from '../support/browser';
import { DemoPage } from '../support/demo-page';

jest.setTimeout(180_000);

interface Item {
  readonly id: string;
  readonly start: string;
  readonly equipment: string;
}

/** What the manifest of the bundled package says of itself. */
interface Quality {
  readonly sensitivity: Readonly<Record<string, number>>;
  readonly casesByClass: Readonly<Record<string, number>>;
  readonly realisedFalseAlarms: { readonly openings: number; readonly days: number };
  readonly residual: { readonly heldAccuracy: number };
  readonly fused: { readonly heldAccuracy: number };
}

const bundledQuality = (): Quality => {
  const manifest = readFileSync(join(__dirname, '../../models/rw-cae/model.json'), 'utf8');
  return (JSON.parse(manifest) as { quality: Quality }).quality;
};

describeWithBrowser('the page of the demonstration', () => {
  let demo: DemoPage;
  let newest: Item;
  beforeAll(async () => {
    demo = await DemoPage.open();
    const { items } = await demo.get<{ items: Item[] }>('anomalies');
    if (items[0] === undefined) throw new Error('the demonstration found nothing');
    [newest] = items as [Item];
  });
  afterAll(() => demo.close());

  const textOutside = (page: Page, selector: string): Promise<number> =>
    page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].filter((card) => {
      const { left, right } = card.getBoundingClientRect();
      return [...card.querySelectorAll('*')].some((item) => {
        const box = item.getBoundingClientRect();
        return box.width > 0 && (box.right > right + 1 || box.left < left - 1);
      });
    }).length`);

  test.each([1280, 390])('nothing leaves its card or the screen, %d px wide', async (width) => {
    for (const hash of [
      '#/overview',
      `#/anomalies/${encodeURIComponent(newest.id)}`,
      '#/model',
      '#/log',
      '#/rules',
      '#/todo',
      '#/shift',
    ]) {
      const page = await demo.at(hash, width);
      await page.locator('main [aria-busy]').first().waitFor({ state: 'detached' });
      const seen = await page.evaluate('document.documentElement.scrollWidth');
      expect({ hash, seen, outside: await textOutside(page, '.tile') }).toEqual({ hash, seen: width, outside: 0 });
      await page.context().close();
    }
  });

  test('on a phone every button of an alarm can be reached without scrolling sideways', async () => {
    const page = await demo.at('#/overview', 390);
    const buttons = page.locator('.alarms button');
    await buttons.first().waitFor();
    for (const button of await buttons.all()) {
      const box = await button.boundingBox();
      expect(box === null ? Infinity : box.x + box.width).toBeLessThanOrEqual(390);
      expect(box?.x ?? -1).toBeGreaterThanOrEqual(0);
    }
    await page.context().close();
  });

  test('an equipment says which recovery made it so and how that ended, and leads there', async () => {
    const page = await demo.at('#/overview', 1280);
    const tile = page.locator('.tile', { hasText: 'Reaction wheel 0' });
    expect(await tile.innerText()).toMatch(/Stuck tachometer[\s\S]*expired[\s\S]*ended 2026-060T03:4\d:\d\dZ/);
    expect(await page.locator('.tiles').innerText()).not.toMatch(/rule: AURORA-1/);
    await tile.getByRole('link', { name: /Stuck tachometer/ }).click();
    await page.locator('h1', { hasText: /Stuck tachometer.*RW0/ }).waitFor();
    await page.locator('.timeline').getByText('expired').first().waitFor();
    await page.getByRole('link', { name: /What it answers: stuck tachometer/ }).click();
    await page.locator('h1', { hasText: /RW0: stuck tachometer/ }).waitFor();
    await page.context().close();
  });

  test('an alarm shows the occurrence that is now, with its last account, and how many came before', async () => {
    const page = await demo.at('#/overview', 1280);
    const row = page.locator('.alarm-row', { hasText: 'anomaly/rw2' });
    const text = await row.innerText();
    expect(text).toMatch(/2026-060T04:46:08Z\s+1 occurrence before, the first at 2026-060T02:45:52Z/);
    const account = await page.locator('.alarm-row:has-text("anomaly/rw2") + .more').innerText();
    const { anomaly } = await demo.get<{ anomaly: { sentence: string; start: string } }>(
      `anomalies/${encodeURIComponent(newest.id)}`,
    );
    expect([newest.equipment, account.trim()]).toEqual(['rw2', anomaly.sentence]);
    await page.context().close();
  });

  test('the model page has tables and bars of what is measured, and no list of raw keys', async () => {
    const page = await demo.at('#/model', 1280);
    const classes = page.getByRole('group', { name: 'Sensitivity of each class' });
    expect(await classes.locator('tbody tr').count()).toBe(11);
    expect(await classes.locator('tbody .bar').count()).toBe(11);
    const { sensitivity, casesByClass, realisedFalseAlarms, residual, fused } = bundledQuality();
    const percent = (share: number): string => `${(100 * share).toFixed(1).replace('.', '\\.')}\\s%`;
    const stuck = (casesByClass['stuck-tachometer'] ?? NaN).toLocaleString('en-US');
    expect(await classes.locator('tr', { hasText: 'stuck tachometer' }).innerText()).toMatch(
      new RegExp(`${percent(sensitivity['stuck-tachometer'] ?? NaN)}\\s+${stuck}`),
    );
    const falseAlarms = await page.getByRole('group', { name: 'False alarms asked and seen' }).innerText();
    const { openings, days } = realisedFalseAlarms;
    const seen = `[\\d.]+\\s+${String(openings)} in ${String(days).replace('.', '\\.')} days`;
    expect(falseAlarms).toMatch(
      new RegExp(`Asked for, at most\\s+0\\.5[\\s\\S]*Seen on nominal recordings\\s+${seen}`),
    );
    const heads = await page.getByRole('group', { name: 'Reliability of each head' }).innerText();
    expect(heads).toMatch(
      new RegExp(`residual\\s+${percent(residual.heldAccuracy)}[\\s\\S]*fused\\s+${percent(fused.heldAccuracy)}`),
    );
    expect(await page.locator('main').innerText()).not.toMatch(/\w+ \/ \w+/);
    await page.context().close();
  });

  test('chance is said in words, and no alternative repeats the verdict', async () => {
    const { items } = await demo.get<{ items: Item[] }>('anomalies');
    const alone: string[] = [];
    for (const { id } of items) {
      const page = await demo.at(`#/anomalies/${encodeURIComponent(id)}`, 1280);
      await page.waitForSelector('.sentence');
      expect(await page.locator('.facts div', { hasText: 'By chance' }).innerText()).toMatch(
        /less than 1 in 1,000 \(not more can be shown\)|1 in [\d,]+/,
      );
      const [verdict = ''] = (await page.locator('h1').innerText()).replace(': ', ' ').split(/\s+\d+\s%/);
      const others = await page
        .locator('section', { has: page.locator('h2', { hasText: 'Alternatives' }) })
        .innerText();
      expect(others).not.toContain(verdict);
      if (others.includes('Nothing else reaches 1 %.')) alone.push(id);
      await page.context().close();
    }
    expect(alone.length).toBeGreaterThan(0);
  });

  test('two clicks lead from the first page to which unit it is, why, and what to do next', async () => {
    const page = await demo.at('', 1280);
    // Which unit: nothing is clicked yet.
    const unit = await page.locator('.alarm-row').filter({ hasText: 'anomaly/rw2' }).locator('th a').innerText();
    expect(unit).toMatch(/^RW2 anomaly/);
    await page.locator('.alarm-row').filter({ hasText: 'anomaly/rw2' }).locator('th a').click();
    await page.waitForSelector('.sentence');
    expect(await page.locator('.sentence').innerText()).toMatch(/bearing temperature sits .* sigma above/);
    expect(await page.locator('.trace li').count()).toBeGreaterThan(0);
    const recovery = page.locator('.recovery').first();
    expect(await recovery.innerText()).toMatch(/SELECT_BEARING_TEMPERATURE_SOURCE[\s\S]*How it went[\s\S]*expired/);
    // The second click, where there is something to do: the daemon asks for a token and a comment.
    await page.getByRole('button', { name: 'Acknowledge RW2 anomaly' }).click();
    await page.locator('dialog[open] h2', { hasText: 'Acknowledge RW2 anomaly' }).waitFor();
    await page.context().close();
  });

  test('a browser whose clock is an hour off shows the time of the daemon, and is not stale', async () => {
    const page = await demo.at('', 1280, async (fresh) => {
      await fresh.addInitScript('{ const now = Date.now; Date.now = () => now() + 3_600_000; }');
    });
    const clock = page.locator('.clock span').first();
    const shown = async (): Promise<number> => {
      const [, day = '', time = ''] = /^\d{4}-(\d{3})T(.*)Z$/.exec(await clock.innerText()) ?? [];
      const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
      return ((Number(day) * 24 + hours) * 60 + minutes) * 60 + seconds;
    };
    const now = new Date();
    const day = Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
    const wanted = ((day * 24 + now.getUTCHours()) * 60 + now.getUTCMinutes()) * 60 + now.getUTCSeconds();
    expect(Math.abs((await shown()) - wanted)).toBeLessThan(60);
    expect(await page.getByText('NOT UP TO DATE').count()).toBe(0);
    await page.context().close();
  });
});
