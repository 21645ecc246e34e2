/** Open MCT on a host of its own: what its page may do at the console, in a real browser, which asks beforehand. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { describeWithBrowser, openBrowser } from '../support/browser';
import { openConsole, TOKEN, type ConsoleWorld } from '../support/console-world';

const PLUGIN = resolve(__dirname, '../../dist/console/openmct/fdir.js');

jest.setTimeout(60_000);

/** A page with nothing in it, of an origin of its own. */
const emptyPage = async (): Promise<{ server: Server; origin: string }> => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>another origin</title>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { server, origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
};

interface Seen {
  readonly plugin: string;
  readonly list: number | string;
  readonly order: number | string;
  readonly stream: string;
}

describeWithBrowser('a page of another origin', () => {
  let browser: Browser;
  let world: ConsoleWorld;
  let invited: Awaited<ReturnType<typeof emptyPage>>;
  let uninvited: Awaited<ReturnType<typeof emptyPage>>;
  beforeAll(async () => {
    browser = await openBrowser();
    invited = await emptyPage();
    uninvited = await emptyPage();
    world = await openConsole({ openmct: { file: PLUGIN, origins: [invited.origin] } });
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
    for (const { server } of [invited, uninvited]) server.close();
  });

  /** What the plugin does: loads, lists with a token, gives an order, listens to telemetry. */
  const tryFrom = async (origin: string): Promise<Seen> => {
    const page = await browser.newPage();
    await page.goto(origin);
    return page.evaluate<Seen>(`(async () => {
      const url = ${JSON.stringify(world.url)};
      const headers = { authorization: ${JSON.stringify(`Bearer ${TOKEN}`)}, 'content-type': 'application/json' };
      const why = (error) => error.name;
      const plugin = await new Promise((done) => {
        const script = document.createElement('script');
        script.src = url + '/openmct/fdir.js';
        script.onload = () => done(typeof installFdir);
        script.onerror = () => done('refused');
        document.head.append(script);
      });
      const status = (path, init) => fetch(url + '/api/v1/' + path, { headers, ...init }).then((a) => a.status, why);
      const list = await status('alarms');
      const order = await status('alarms/anomaly%2Frw1/ack', { method: 'POST', body: '{"comment":"seen"}' });
      const stream = await fetch(url + '/api/v1/telemetry', { headers }).then(async ({ body }) => {
        const { value } = await body.getReader().read();
        return new TextDecoder().decode(value).split('\\n')[0];
      }, why);
      return { plugin, list, order, stream };
    })()`);
  };

  test('that was invited loads the plugin, reads, listens, and gives orders by the name of its token', async () => {
    expect(await tryFrom(invited.origin)).toEqual({
      plugin: 'function',
      list: 200,
      order: 200,
      stream: 'retry: 2000',
    });
    expect(world.orders).toMatchObject([{ name: 'alarm-ack', asked: { by: 'ann', comment: 'seen' } }]);
  });

  test('that was not invited may load the plugin, which holds nothing, and can do nothing with it', async () => {
    const before = world.orders.length;
    expect(await tryFrom(uninvited.origin)).toEqual({
      plugin: 'function',
      list: 'TypeError',
      order: 'TypeError',
      stream: 'TypeError',
    });
    expect(world.orders).toHaveLength(before);
  });
});
