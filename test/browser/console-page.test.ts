/** The console's page in a real browser: a daemon that runs on a pass through Mosquitto, and a person with a mouse or a keyboard. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { ConsoleDaemon } from '../support/console-daemon';
import { TOKEN } from '../support/console-world';
import { until } from '../support/until';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

jest.setTimeout(120_000);

describeWithBrowser('the page of the console', () => {
  let daemon: ConsoleDaemon;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let foreign: string[];
  let troubles: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    daemon = await ConsoleDaemon.open();
    await daemon.start();
    context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    foreign = [];
    troubles = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${daemon.url}/`) && !url.startsWith(`blob:${daemon.url}/`)) foreign.push(url);
    });
    page.on('pageerror', ({ message }) => troubles.push(message));
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) troubles.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
    await daemon.close();
    // No test of these may ask anything of another machine, break the content policy, or throw.
    expect({ foreign, troubles }).toEqual({ foreign: [], troubles: [] });
  });

  const open = async (hash = ''): Promise<void> => {
    await page.goto(`${daemon.url}/${hash}`);
    await page.waitForSelector('main h1');
  };
  const fault = async (): Promise<void> => {
    await daemon.pass(10);
    await daemon.pass(12, { rw1_current: 10 });
  };
  const dialog = () => page.locator('dialog[open]');
  const order = async (fields: Readonly<Record<string, string>>, verb: string): Promise<void> => {
    const form = dialog();
    await form.locator('h2').waitFor();
    if ((await form.getByLabel('Token').count()) > 0) await form.getByLabel('Token').fill(TOKEN);
    for (const [label, value] of Object.entries(fields)) {
      const field = form.getByLabel(label);
      if ((await field.and(form.locator('select')).count()) > 0) await field.selectOption(value);
      else await field.fill(value);
    }
    await form.getByRole('button', { name: verb, exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
  };
  const anomalyPage = async (): Promise<void> => {
    await page.locator('table.alarms a').first().click();
    await page.waitForSelector('.sentence');
  };

  test('an anomaly that begins while one looks is opened, and its recovery approved by name', async () => {
    await open();
    await page.getByText('No alarm is up').waitFor();
    await fault();
    await page.getByRole('button', { name: /^Approve/ }).click();
    await order({ Comment: 'go ahead' }, 'Approve and send');
    const [request] = await until('the request to leave', () => daemon.requests().length > 0 && daemon.requests());
    expect(JSON.parse(request ?? '')).toMatchObject({
      command: 'WHEEL_OFF',
      arguments: { wheel: 'rw1' },
      approvedBy: 'ann',
    });
    await anomalyPage();
    expect(await page.locator('h1').innerText()).toMatch(/^RW1: /);
    expect(await page.locator('.sentence').innerText()).toMatch(/rw1|RW1|wheel/i);
    expect(await page.locator('.plots canvas').count()).toBeGreaterThan(0);
    expect(await page.locator('.plots [role=img]').first().getAttribute('aria-label')).toContain('measured 10');
    // One cursor for all plots, by keyboard too.
    const readouts = page.locator('.readout');
    await until('the cursor, though a revision may draw the plots anew', async () => {
      await page.locator('.plots').focus();
      await page.keyboard.press('ArrowRight');
      return (await readouts.count()) > 0;
    });
    expect(await readouts.count()).toBe(await page.locator('.plots figure').count());
    expect(await page.locator('.key-time').innerText()).toMatch(/^2026-060T00:00:\d\dZ$/);
    expect(await page.locator('.attribution tbody tr').first().innerText()).toMatch(/rw1_current[\s\S]*high/);
    expect(await page.locator('.heat-map tbody tr').count()).toBeGreaterThan(0);
    expect(await page.locator('.trace li').count()).toBeGreaterThan(0);
    await page.locator('.timeline').getByText('by ann').first().waitFor();
    await page.keyboard.press('v');
    await order({ Verdict: 'true', Comment: 'seen on the bench' }, 'Record it');
    await page.getByText('seen on the bench').waitFor();
  });

  test('an alarm is acknowledged, shelved for a while, and comes back by itself', async () => {
    await open();
    await fault();
    await page.getByRole('button', { name: 'Acknowledge RW1 anomaly' }).click();
    await order({ Comment: 'on it' }, 'Acknowledge');
    await page.locator('table.alarms').getByText('acknowledged', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Shelve RW1 anomaly' }).click();
    // A time that is none is refused in words; the reason is required: without one nothing happens.
    await dialog().getByLabel('For').fill('soon');
    await dialog().getByLabel('Reason').fill('known');
    await dialog().getByRole('button', { name: 'Shelve', exact: true }).click();
    await dialog()
      .getByText(/for: .*duration/)
      .waitFor();
    await dialog().getByLabel('Reason').fill('');
    await dialog().getByRole('button', { name: 'Shelve', exact: true }).click();
    expect(await dialog().count()).toBe(1);
    await order({ For: '5s', Reason: 'known, waiting for the next contact' }, 'Shelve');
    await page.locator('.alarms .shelved').waitFor();
    // Mission time passes with telemetry.
    await daemon.pass(8, { rw1_current: 10 });
    await page.getByRole('button', { name: 'Shelve RW1 anomaly' }).waitFor();
    expect(await page.locator('.alarms .shelved').count()).toBe(0);
  });

  test('the whole function is switched, and an equipment marked, by name and with a reason', async () => {
    await open();
    await daemon.pass(3);
    const recoveries = page.locator('.facts div', { hasText: 'Recoveries' });
    await recoveries.getByText('active').waitFor();
    await page.getByRole('button', { name: 'Switch recoveries' }).click();
    expect(await dialog().getByLabel('Recoveries are').inputValue()).toBe('active');
    await order({ 'Recoveries are': 'passive', Reason: 'work on the wheels' }, 'Switch');
    await recoveries.getByText('passive').waitFor();
    await page.getByRole('button', { name: 'Set health of rw1' }).click();
    expect(await dialog().getByLabel('Health').inputValue()).toBe('healthy');
    await order({ Health: 'externalControl', Reason: 'in test' }, 'Set');
    await page.locator('.tile', { hasText: 'Under other control' }).getByText('ann: in test').waitFor();
    await page.goto(`${daemon.url}/#/rules`);
    await page.locator('.note').getByText('what would be requested is recorded').waitFor();
    // Nothing leaves now, whatever happens.
    await fault();
    await page.goto(`${daemon.url}/#/`);
    await page.locator('table.alarms a').first().waitFor();
    expect(daemon.requests()).toEqual([]);
  });

  test('an order with a wrong token is refused in words, and given again with the right one', async () => {
    await open();
    await fault();
    await page.getByRole('button', { name: /^Reject/ }).click();
    await dialog().getByLabel('Token').fill('wrong-0123456789abcdef');
    await dialog().getByRole('button', { name: 'Reject', exact: true }).click();
    await dialog().getByText('this token is not known').waitFor();
    await order({ Comment: 'not now' }, 'Reject');
    await page.locator('.request.is-gone').waitFor();
    expect(daemon.requests()).toEqual([]);
  });

  test('from beyond the machine nothing is shown without a token, and everything with one, until it is forgotten', async () => {
    // What a proxy on this machine adds: behind one nobody is local.
    await context.setExtraHTTPHeaders({ 'x-forwarded-for': '192.0.2.7' });
    await page.goto(`${daemon.url}/#/rules`);
    await dialog().getByLabel('Token').fill('not a token');
    await dialog().getByRole('button', { name: 'Sign in' }).click();
    await dialog().getByText('a token has no spaces').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).click();
    await dialog().getByLabel('Token').fill(TOKEN);
    await dialog().getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Switch off the wheel').first().waitFor();
    await page.getByText('NOT UP TO DATE').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Switch off the wheel').first().waitFor();
    expect(await page.locator('.who').innerText()).toContain('ann');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await dialog().getByLabel('Token').waitFor();
    expect(await page.evaluate('JSON.stringify([sessionStorage.length, document.cookie])')).toBe('[0,""]');
  });

  test('the log is filtered, brushed and exported; its address can be sent to a colleague', async () => {
    await fault();
    await daemon.pass(40);
    await daemon.pass(12, { rw0_current: -10 });
    await open('#/log');
    const rows = page.locator('.log-table tbody tr:not(.more)');
    await until('both anomalies', async () => (await rows.count()) === 2);
    await page.getByRole('search').getByLabel('Equipment').selectOption('rw1');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await until('one', async () => (await rows.count()) === 1);
    expect(await rows.innerText()).toContain('RW1');
    expect(page.url()).toContain('#/log?equipment=rw1');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const [header, ...lines] = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(header).toMatch(/^id,revision,/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('rw1');
    const other = await context.newPage();
    await other.goto(page.url());
    await other.waitForSelector('.log-table tbody tr:not(.more)');
    expect(await other.locator('.log-table tbody tr:not(.more)').count()).toBe(1);
    await other.close();
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await until('both again', async () => (await rows.count()) === 2);
    // By keyboard: the last bar.
    await page.locator('.brush').focus();
    for (let bar = 0; bar < 80; bar += 1) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await until('the last only', async () => (await rows.count()) === 1);
    expect(await rows.innerText()).toContain('RW0');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await until('both once more', async () => (await rows.count()) === 2);
    const box = await page.locator('.brush svg').boundingBox();
    if (box === null) throw new Error('no histogram');
    await page.mouse.move(box.x + 3, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await until('the first only', async () => (await rows.count()) === 1);
    expect(await rows.innerText()).toContain('RW1');
    expect(page.url()).toMatch(/since=.*until=/);
  });

  test('what begins while one reads waits behind a bar and moves nothing', async () => {
    await fault();
    await open();
    const first = page.locator('table.alarms tbody tr').first();
    await first.waitFor();
    const name = first.locator('.alarm-name');
    expect(await name.innerText()).toBe('anomaly/rw1');
    await daemon.pass(20);
    await daemon.pass(12, { rw0_current: -10 });
    const bar = page.getByRole('button', { name: '1 new alarms: show' });
    await bar.waitFor();
    expect(await name.innerText()).toBe('anomaly/rw1');
    expect(await page.locator('table.alarms a').count()).toBe(1);
    await bar.click();
    await until('both alarms', async () => (await page.locator('table.alarms a').count()) === 2);
  });

  test('by keyboard alone: skip link, pages, rows, an order, and the help', async () => {
    await open();
    await fault();
    await page.locator('table.alarms a').first().waitFor();
    await page.reload();
    await page.locator('table.alarms a').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    await page.keyboard.press('?');
    await dialog().getByText('Single keys do this').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    for (const [key, title] of [
      ['l', 'Log'],
      ['r', 'Rules'],
      ['m', 'Model'],
      ['p', 'Replay'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.locator('h1', { hasText: title }).waitFor();
    }
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.locator('table.alarms a').first().waitFor();
    // An alarm of a limit has no anomaly to open, and may stand above.
    await until('a row that leads to an anomaly', async () => {
      await page.keyboard.press('j');
      return page.evaluate('document.activeElement.tagName === "A"');
    });
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sentence');
    await page.keyboard.press('a');
    await dialog().getByLabel('Token').focus();
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    await page.locator('.alarm-cycle [aria-current]', { hasText: 'acknowledged' }).waitFor();
  });

  test('a daemon that goes away is unmistakable, and what it says after its return is shown without a reload', async () => {
    await open();
    await fault();
    await page.locator('table.alarms a').first().waitFor();
    await daemon.stop();
    await page.getByText('NOT UP TO DATE').waitFor();
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).filter')).toBe('grayscale(1)');
    await page.getByText(/what you see is \d+ s old/).waitFor();
    await daemon.start();
    await page.getByText('NOT UP TO DATE').waitFor({ state: 'detached' });
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).filter')).toBe('none');
    await daemon.pass(4, { rw1_current: 10 });
    await page.locator('table.alarms a').first().waitFor();
  });

  test('a rule is disabled and enabled, with the name of who did it', async () => {
    await open('#/rules');
    await page.getByRole('button', { name: 'Disable Switch off the wheel' }).click();
    await order({ Reason: 'wheel test' }, 'Disable');
    await page.getByText('by ann, the file says').waitFor();
    await page.getByRole('button', { name: 'Enable Switch off the wheel' }).click();
    await order({}, 'Enable');
    await page.getByRole('button', { name: 'Disable Switch off the wheel' }).waitFor();
  });

  test('a recorded pass runs beside the live one, its anomalies are stepped through, and it is marked as not live', async () => {
    await open('#/replay');
    await page.getByRole('button', { name: 'Replay recorded.csv' }).click();
    await order({}, 'Start');
    await page.getByText('NOT LIVE').waitFor();
    await page.getByText('anomaly 1 of 2').waitFor();
    await page.locator('.not-live h1', { hasText: 'RW1' }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('anomaly 2 of 2').waitFor();
    await page.locator('.not-live h1', { hasText: 'RW0' }).waitFor();
    await page.goBack();
    await page.locator('.not-live h1', { hasText: 'RW1' }).waitFor();
    expect(await page.locator('.not-live').getByRole('button', { name: 'Give a verdict' }).count()).toBe(0);
    expect(await (await fetch(`${daemon.url}/api/v1/anomalies`)).json()).toMatchObject({ items: [] });
  });

  const violations = async (): Promise<readonly unknown[]> => {
    await page.evaluate(AXE);
    const found = await page.evaluate<{
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    }>('axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })');
    return found.violations.map(({ id, nodes }) => ({
      place: page.url(),
      id,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
    }));
  };
  const settled = async (): Promise<void> => {
    await page.waitForSelector('main h1');
    await page.locator('main [aria-busy]').first().waitFor({ state: 'detached' });
  };

  test.each([
    ['dark', 1280],
    ['light', 1280],
    ['dark', 820],
    ['light', 820],
  ] as const)('no accessibility rule is broken on any page, %s, %d px wide', async (colorScheme, width) => {
    await page.setViewportSize({ width, height: 1180 });
    await page.emulateMedia({ colorScheme });
    await fault();
    await open();
    await page.locator('table.alarms a').first().waitFor();
    const anomaly = await page.locator('table.alarms a').first().getAttribute('href');
    const found: unknown[] = [];
    for (const hash of [
      '#/overview',
      anomaly ?? '',
      ...['#/todo', '#/log', '#/log/events', '#/log/history', '#/shift', '#/rules', '#/model', '#/replay'],
    ]) {
      await page.goto(`${daemon.url}/${hash}`);
      await settled();
      found.push(...(await violations()));
      // Nothing is wider than the screen; tables scroll within themselves.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    expect(found).toEqual([]);
  });

  test.each(['dark', 'light'] as const)(
    'nor in dialogs, in a replay, or while the daemon is away, %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await fault();
      await open();
      await page.getByRole('button', { name: 'Shelve RW1 anomaly' }).click();
      await dialog().locator('h2').waitFor();
      const found = [...(await violations())];
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await dialog().getByText('Single keys do this').waitFor();
      found.push(...(await violations()));
      await page.keyboard.press('Escape');
      await open('#/replay');
      await page.getByRole('button', { name: 'Replay recorded.csv' }).click();
      await order({}, 'Start');
      await page.waitForSelector('.not-live .sentence');
      found.push(...(await violations()));
      await daemon.stop();
      await page.getByText('NOT UP TO DATE').waitFor();
      found.push(...(await violations()));
      expect(found).toEqual([]);
    },
  );
});
