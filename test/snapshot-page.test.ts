// The page of a snapshot in a real browser: what a person does with it, and what it must never do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../bench/lib/browser.mjs';
import { type Snapshot, syntheticTraining } from '../src/core/snapshots.ts';
import { snapshotPage } from '../src/node/index.ts';
import { isDeep } from './ring.ts';

// A browser is slow to start: the everyday ring leaves these out.
const launched = isDeep ? await launchBrowser() : { missing: 'npm run test:deep does' };
const browser = 'missing' in launched ? undefined : launched;
if ('missing' in launched) console.warn(`pages are not tested: ${launched.missing}`);

const folder = mkdtempSync(join(tmpdir(), 'unoom-pages-'));
const training = syntheticTraining({ events: 6000, leakPerStep: 2 ** 24 });
/** Every string is an attempt to become markup. */
const hostile: Snapshot = {
  ...training,
  strings: training.strings.map((text) => `</script><img src=x onerror="window.broken=1">${text}`),
};

async function write(name: string, snapshot: Snapshot, lang: 'en' | 'zh' | 'ru', report = {}) {
  const path = join(folder, `${name}.html`);
  const pieces: string[] = [];
  for await (const piece of snapshotPage(snapshot, { lang, title: name, report }))
    pieces.push(piece);
  writeFileSync(path, pieces.join(''));
  return pathToFileURL(path).href;
}

/** What went wrong in a page: errors, and anything it wanted from outside. */
interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

async function open(address: string, size = { width: 1200, height: 860 }): Promise<Watched> {
  const page = await (browser as Browser).newPage({ viewport: size });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (request.url() !== address) faults.push(`asks for ${request.url()}`);
  });
  await page.goto(address);
  await page.waitForSelector('body.ready');
  await page.waitForTimeout(150);
  return { page, faults };
}

const text = (page: Page, selector: string): Promise<string> => page.innerText(selector);

describe.skipIf(browser === undefined)('the page of a snapshot', () => {
  let plain = '';
  beforeAll(async () => {
    plain = await write('plain', training, 'en', { source: { name: 'run.pickle' } });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens without a fault and asks for nothing', async () => {
    const { page, faults } = await open(plain);
    expect(await text(page, '.title')).toContain('run.pickle');
    expect(await text(page, '.cards')).toContain('GiB');
    expect(await page.locator('.legend li:visible').count()).toBeGreaterThan(3);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('draws a picture of many colours', async () => {
    const { page } = await open(plain);
    const colours = await page.evaluate<number>(`(() => {
      const canvas = document.querySelector('.picture');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);
    expect(colours).toBeGreaterThan(8);
    await page.close();
  });

  it('tells what is under the pointer, and pins it with a click', async () => {
    const { page, faults } = await open(plain);
    const box = await page.locator('.overlay').boundingBox();
    if (box === null) throw new Error('no picture');
    const [x, y] = [box.x + box.width / 2, box.y + box.height - 60];
    await page.mouse.move(x, y);
    await page.waitForSelector('.tip:visible');
    expect(await text(page, '.tip')).toMatch(/[MG]iB/);
    await page.mouse.click(x, y);
    await page.waitForSelector('.detail .frames');
    expect(await text(page, '.detail')).toMatch(/\.py:\d+/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.detail', { state: 'hidden' });
    expect(faults).toEqual([]);
    await page.close();
  });

  it('finds a line and says how much it holds', async () => {
    const { page } = await open(plain);
    await page.keyboard.press('/');
    await page.keyboard.type('metrics.py:77');
    await expect.poll(() => text(page, '.found')).not.toBe('');
    expect(await text(page, '.found')).toMatch(/^\d+ allocations · at most [\d.]+ [MG]iB/);
    await page.keyboard.type('7');
    await expect.poll(() => text(page, '.found')).toMatch(/^no /);
    await page.close();
  });

  it('is moved by keys, wheel and drag, and comes back', async () => {
    const { page, faults } = await open(plain);
    const width = (): Promise<number> =>
      page.locator('.window').evaluate((window) => window.getBoundingClientRect().width);
    const whole = await width();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await page.waitForTimeout(50);
    const zoomed = await width();
    expect(zoomed).toBeLessThan(whole / 2);
    await page.locator('.overlay').hover();
    await page.mouse.wheel(0, -240);
    await page.waitForTimeout(50);
    expect(await width()).toBeLessThan(zoomed);
    await page.mouse.down();
    await page.mouse.move(300, 500, { steps: 4 });
    await page.mouse.up();
    for (const key of [
      'ArrowLeft',
      'ArrowRight',
      'ArrowUp',
      'ArrowDown',
      'p',
      'f',
      ',',
      '.',
      '0',
    ]) {
      await page.keyboard.press(key);
    }
    await page.click('text="time"');
    await page.waitForTimeout(50);
    expect(await width()).toBeCloseTo(whole, 0);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('runs nothing that a snapshot says', async () => {
    const address = await write('hostile', hostile, 'en', { source: { name: '<img onerror=x>' } });
    const { page, faults } = await open(address);
    const box = await page.locator('.overlay').boundingBox();
    if (box === null) throw new Error('no picture');
    await page.mouse.click(box.x + box.width / 2, box.y + box.height - 60);
    await page.waitForSelector('.detail:visible');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(faults).toEqual([]);
    await page.close();
  });

  it.each([
    ['zh', '显存快照'],
    ['ru', 'Снимок памяти'],
  ] as const)('speaks %s', async (lang, title) => {
    const { page } = await open(await write(lang, training, lang));
    expect(await text(page, '.title')).toContain(title);
    expect(await page.evaluate('document.documentElement.lang')).toBe(lang);
    await page.close();
  });

  it('fits a telephone without scrolling sideways', async () => {
    const { page } = await open(plain, { width: 390, height: 844 });
    const [content, room] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBeLessThanOrEqual(room);
    await page.close();
  });

  it('shows a state without a trace as segments alone', async () => {
    const [device] = training.devices;
    if (device === undefined) throw new Error('no device');
    const none = syntheticTraining({ events: 0 }).devices[0]?.events ?? device.events;
    const state = { ...training, devices: [{ ...device, events: emptied(none) }] };
    const { page, faults } = await open(await write('state', state, 'en'));
    expect(await text(page, '.state-note')).toContain('no trace');
    expect(await page.locator('.timeline').isVisible()).toBe(false);
    expect(await page.locator('.segments canvas').isVisible()).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('lets devices and streams be chosen', async () => {
    const [device] = training.devices;
    if (device === undefined) throw new Error('no device');
    const stream = device.events.stream.map((_, event) => event % 2);
    const both = { ...device, index: 1, events: { ...device.events, stream } };
    const several = { ...training, streams: ['0', '7'], devices: [device, both] };
    const { page, faults } = await open(await write('several', several, 'en'));
    expect(await page.locator('select').count()).toBe(1);
    await page.selectOption('select[aria-label="Device"]', { label: 'Device 1' });
    await page.selectOption('select[aria-label="Stream"]', { label: '7' });
    // The page forbids eval, so what is waited for is asked from here.
    const unselected = page.locator('.legend li:visible', { hasText: 'not selected' });
    await expect.poll(() => unselected.count()).toBe(1);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('reads its data where the browser cannot decompress', async () => {
    const page = await (browser as Browser).newPage();
    await page.addInitScript('delete window.DecompressionStream');
    await page.goto(plain);
    await page.waitForSelector('body.ready');
    expect(await text(page, '.cards')).toContain('GiB');
    await page.close();
  });
});

/** No event at all; columns that may be absent stay so. */
function emptied(events: Snapshot['devices'][number]['events']): typeof events {
  return {
    count: 0,
    action: events.action.slice(0, 0),
    address: events.address.slice(0, 0),
    size: events.size.slice(0, 0),
    stream: events.stream.slice(0, 0),
    stack: events.stack.slice(0, 0),
  };
}
