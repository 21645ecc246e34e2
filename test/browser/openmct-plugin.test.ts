/** The plugin in the real Open MCT 4, on its page, with a daemon that runs on a pass through Mosquitto. */
import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { listenOn, openmctServer } from '../../src/bench/openmct';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { ConsoleDaemon } from '../support/console-daemon';
import { TOKEN } from '../support/console-world';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';

jest.setTimeout(180_000);

interface Fault {
  readonly id: string;
  readonly severity: string;
  readonly acknowledged: boolean;
  readonly shelved: boolean;
  readonly shortDescription: string;
}

describeWithBrowser('the plugin for Open MCT', () => {
  let daemon: ConsoleDaemon;
  let server: Server;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];
  beforeAll(async () => {
    daemon = await ConsoleDaemon.open();
    await daemon.start();
    await daemon.pass(30);
    await daemon.pass(12, { rw1_current: 10 });
    await until('the alarm', async () => (await faultsOver()).length > 0);
    server = openmctServer(daemon.url);
    const address = await listenOn(server, 0);
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', ({ message }) => troubles.push(message));
    await page.goto(`${address}/?token=${TOKEN}`);
    await page.getByRole('treeitem', { name: /FDIR TINY-1/ }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    await daemon.close();
  });
  afterEach(() => {
    expect(troubles.splice(0)).toEqual([]);
  });

  const faultsOver = async (): Promise<unknown[]> =>
    ((await (await fetch(`${daemon.url}/api/v1/alarms`)).json()) as { items: unknown[] }).items;
  /** Runs in the page; `get` and `ofType` find objects as any plugin would. */
  const inPage = <T>(code: string): Promise<T> =>
    page.evaluate(`(async () => {
      const get = (key) => openmct.objects.get({ namespace: 'fdir', key });
      const faults = async () => (await openmct.faults.request({ type: 'faultManagement' })).map(({ fault }) => fault);
      ${code}
    })()`);
  const start = T0;
  const end = T0 + 60_000;

  test('shows a tree of the spacecraft, its equipments and their parameters', async () => {
    const tree = await inPage<Record<string, string[]>>(`
      const names = {};
      const walk = async (object) => {
        const composition = openmct.composition.get(object);
        if (composition === undefined) return;
        const children = await composition.load();
        names[object.name] = children.map(({ name }) => name);
        for (const child of children) await walk(child);
      };
      await walk(await get('spacecraft'));
      return names;`);
    expect(tree).toEqual({
      'FDIR TINY-1': ['RW0', 'RW1', 'Anomaly score', 'Anomalies', 'Anomalies on the time line', 'FDIR console'],
      RW0: ['rw0_speed', 'rw0_current'],
      RW1: ['rw1_speed', 'rw1_current'],
    });
    await page
      .getByRole('treeitem', { name: /FDIR TINY-1/ })
      .getByText('FDIR TINY-1')
      .click();
    await page.getByText('RW1', { exact: true }).first().waitFor();
  });

  test('gives history from the ring, with what was expected; a year holds what there is, and the newest is one value', async () => {
    const [data, year, latest] = await inPage<{ utc: number; value: number; expected: number; max: number }[][]>(`
      const object = await get('parameter:rw1_current');
      const ask = (options) => openmct.telemetry.request(object, options);
      return [
        await ask({ start: ${String(start)}, end: ${String(end)} }),
        await ask({ start: ${String(start - 365 * 86_400_000)}, end: ${String(end)} }),
        await ask({ start: ${String(start)}, end: ${String(end)}, strategy: 'latest', size: 1 }),
      ];`);
    expect(data?.length).toBeGreaterThanOrEqual(40);
    expect(data?.find(({ utc }) => utc === T0 + 35_000)).toMatchObject({ value: 10, expected: 0, max: 10 });
    expect(Math.max(...(year ?? []).map(({ max }) => max))).toBe(10);
    expect(latest).toHaveLength(1);
  });

  test('hands on telemetry and anomalies as they come', async () => {
    await inPage(`
      window.seen = [];
      window.stop = openmct.telemetry.subscribe(await get('parameter:rw0_speed'), (datum) => window.seen.push(datum));`);
    await until('a value', async () => {
      await daemon.pass(2);
      return inPage<boolean>('return window.seen.length > 0;');
    });
    const [first] = await inPage<{ utc: number; value: number }[]>('window.stop(); return window.seen;');
    expect([typeof first?.value, (first?.utc ?? 0) > T0]).toEqual(['number', true]);
    const anomalies = await inPage<{ equipment: string; sentence: string; link: string }[]>(
      `return openmct.telemetry.request(await get('anomalies'), { start: ${String(start)}, end: ${String(end)} });`,
    );
    expect(anomalies[0]).toMatchObject({ equipment: 'RW1' });
    expect(anomalies[0]?.link).toMatch(/#\/anomalies\/TINY-1/);
    const plan = await inPage<{ selectFile: { body: string } }>(`return get('plan');`);
    expect(Object.keys(JSON.parse(plan.selectFile.body) as object)).toEqual(['RW1']);
  });

  test('marks values beyond the limits of the mission, and tells what is stale', async () => {
    const found = await inPage<{
      marks: ({ name: string } | undefined)[];
      limits: object;
      stale: { isStale: boolean };
    }>(`
      const object = await get('parameter:rw0_speed');
      const evaluator = openmct.telemetry.limitEvaluator(object);
      const marks = [60, -90, 1].map((value) => evaluator.evaluate({ value }, { key: 'value' }));
      const limits = await openmct.telemetry.limitDefinition(object).limits();
      return { marks, limits, stale: await openmct.telemetry.isStale(object) };`);
    expect(found.marks.map((mark) => mark?.name)).toEqual(['WARNING high', 'CRITICAL low', undefined]);
    expect(found.limits).toMatchObject({
      WARNING: { low: { value: -50 }, high: { value: 50 } },
      CRITICAL: { low: { value: -80 }, high: { value: 80 } },
    });
    expect(found.stale.isStale).toBe(false);
  });

  test('lists alarms as faults, which are acknowledged, shelved for a time, and taken back', async () => {
    const faults = (): Promise<Fault[]> => inPage<Fault[]>('return faults();');
    const anomaly = async () => (await faults()).find(({ id }) => id === 'anomaly/rw1');
    expect(await anomaly()).toMatchObject({ severity: 'WARNING', acknowledged: false, shelved: false });
    await inPage(`
      const [fault] = (await faults()).filter(({ id }) => id === 'anomaly/rw1');
      await openmct.faults.shelveFault(fault, { shelved: true, comment: 'known', shelveDuration: 3600000 });`);
    expect(await anomaly()).toMatchObject({ shelved: true });
    await inPage(`
      const [fault] = (await faults()).filter(({ id }) => id === 'anomaly/rw1');
      await openmct.faults.shelveFault(fault, { shelved: false });
      window.news = [];
      openmct.faults.subscribe({ type: 'faultManagement' }, (item) => window.news.push(item));
      await openmct.faults.acknowledgeFault(fault, { comment: 'on it' });`);
    await until('the news', () =>
      inPage<boolean>(`return window.news.some(({ type }) => type === 'alarms' || type === 'global-alarm-status');`),
    );
    const alarms = (await faultsOver()) as { name: string; acknowledged: { by: string } | null; state: string }[];
    const known = alarms.find(({ name }) => name === 'anomaly/rw1');
    // One that has returned to normal is cleared by it.
    expect(known === undefined || known.acknowledged?.by === 'ann').toBe(true);
    expect((await inPage<{ name: string }[]>('return openmct.faults.getShelveDurations();')).length).toBe(4);
  });
});
