/** The demonstration that stays, as a new user starts it, and its page in Chromium. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './browser';
import { startCli, type Running } from './cli';
import { until } from './until';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What breaks an accessibility rule on the page as it is. */
export const violationsOf = async (page: Page): Promise<readonly unknown[]> => {
  await page.evaluate(AXE);
  const found = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  }>(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`);
  return found.violations.map(({ id, nodes }) => ({
    place: page.url(),
    id,
    nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
  }));
};

export class DemoPage {
  private constructor(
    private readonly demo: Running,
    private readonly browser: Browser,
    readonly url: string,
  ) {}

  /** Waits until its pass is over. */
  static async open(): Promise<DemoPage> {
    const demo = startCli(['demo', '--stay']);
    const url = await until(
      'the pass of the demonstration to be over',
      () => /the pass is over; the console stays at (http:\S+)/.exec(demo.stderr())?.[1],
      120_000,
    );
    return new DemoPage(demo, await openBrowser(), url);
  }

  /** A new page of a new person. @param prepare what is to be there before the page loads. */
  async at(hash: string, width: number, prepare?: (page: Page) => Promise<void>): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width, height: width < 600 ? 844 : 860 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await prepare?.(page);
    await page.goto(`${this.url}/${hash}`);
    await page.waitForSelector('main h1');
    return page;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as T;
  }

  async close(): Promise<void> {
    await this.browser.close();
    const { stdout } = await this.demo.stop();
    const log = /^The log is kept: (.+)$/m.exec(stdout)?.[1] ?? '';
    if (log.includes('fdir-demo-')) rmSync(dirname(log), { recursive: true, force: true });
  }
}
