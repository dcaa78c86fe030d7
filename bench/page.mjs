// @ts-check
/**
 * The page of a memory snapshot in headless Chromium, drawn by the processor: how large it is, how long
 * until the first picture, and how many frames a second while it pans and zooms.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { buildSnapshotPage } from '../scripts/page-assets.mjs';
import { median, mib, mostRow, ms, snapshotsOf } from './lib/bench.mjs';
import { launchBrowser } from './lib/browser.mjs';

const EVENTS = 1_000_000;
const LEAST_FRAMES = 30;
const MOST_BYTES = 25 * 2 ** 20;
/** Seconds until the picture of a million events is laid out anew. */
const MOST_SEARCH = 0.5;

/** What is done frame by frame, and how the window is set up before. */
const MOVES = [
  { name: 'pan, whole trace zoomed twice', zoom: 2, time: false, key: 'ArrowRight' },
  { name: 'pan, 1 % of the trace', zoom: 14, time: false, key: 'ArrowRight' },
  { name: 'pan by time, zoomed twice', zoom: 2, time: true, key: 'ArrowRight' },
  { name: 'zoom out and in', zoom: 10, time: false, key: '' },
];

const FRAMES = 160;

/** Runs in the page, which has other globals than this file: one movement a frame, there and back. */
const STEPS = `(key, frames) => new Promise((done) => {
  const gaps = [];
  let last = 0;
  const press = (key) => document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const step = (now) => {
    if (last !== 0) gaps.push(now - last);
    last = now;
    if (gaps.length === frames) return done(gaps);
    const isBack = gaps.length % 40 >= 20;
    if (key === '') press(isBack ? '+' : '-');
    else press(isBack ? 'ArrowLeft' : key);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

/** The pointer moves over the picture, one place a frame. */
const HOVER = `(frames) => new Promise((done) => {
  const canvas = document.querySelector('.timeline canvas');
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const gaps = [];
  let last = 0;
  const step = (now) => {
    if (last !== 0) gaps.push(now - last);
    last = now;
    if (gaps.length === frames) return done(gaps);
    const clientX = left + width * (0.1 + 0.8 * ((gaps.length * 37) % frames) / frames);
    const at = { clientX, clientY: top + height * 0.7, bubbles: true, pointerId: 1 };
    canvas.dispatchEvent(new PointerEvent('pointermove', at));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

/** A text is put into the field at once; two frames later its result is on the screen. */
const SEARCH = `(text) => new Promise((done) => {
  const field = document.querySelector('.search input');
  const from = performance.now();
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  const drawn = () => requestAnimationFrame(() => done(performance.now() - from));
  setTimeout(() => requestAnimationFrame(drawn), 0);
})`;

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const name = 'page of a snapshot';
  const browser = await launchBrowser();
  if ('missing' in browser) return { name, skipped: browser.missing, rows: [] };
  const folder = mkdtempSync(join(tmpdir(), 'unoom-page-'));
  try {
    const events = options.count ?? EVENTS;
    options.log(`page: a made-up trace of ${events} events`);
    const file = join(folder, 'page.html');
    const { bytes, written } = await writePage(options, file, events);
    /** @type {import('./lib/bench.mjs').Row[]} */
    const rows = [
      { measure: 'events', value: String(written) },
      mostRow('size of the page', bytes, MOST_BYTES, mib),
    ];
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const started = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('body.ready', { timeout: 120_000 });
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
    rows.push({
      measure: 'until the first picture',
      value: ms((performance.now() - started) / 1000),
    });
    for (const move of MOVES) rows.push(rowOf(move.name, await framesOf(page, move)));
    await page.keyboard.press('0');
    rows.push(rowOf('hover, whole trace', await page.evaluate(`(${HOVER})(${FRAMES})`)));
    /** @type {number[]} */
    const searches = [];
    for (const text of ['layer_3', 'forward', 'train.py', 'no such line']) {
      searches.push(await page.evaluate(`(${SEARCH})(${JSON.stringify(text)})`));
    }
    rows.push(mostRow('search, until it is drawn', Math.max(...searches) / 1000, MOST_SEARCH, ms));
    return { name, rows };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @param {string} file
 * @param {number} events
 */
async function writePage(options, file, events) {
  const { packForPage, renderSnapshotPage, syntheticTraining } = await import(
    pathToFileURL(snapshotsOf(options)).href
  );
  const snapshot = syntheticTraining({
    events,
    leakPerStep: 10 * 2 ** 20,
    capacity: 24 * 2 ** 30,
    seed: options.seed,
  });
  const packed = packForPage(snapshot, { lang: 'en' });
  const page = renderSnapshotPage({
    assets: await buildSnapshotPage(),
    lang: 'en',
    title: 'bench',
    data: [deflateRawSync(packed).toString('base64')],
    size: packed.length,
    report: {},
  });
  const text = [...page].join('');
  writeFileSync(file, text);
  return { bytes: Buffer.byteLength(text), written: snapshot.devices[0]?.events.count ?? 0 };
}

/**
 * Milliseconds between frames, each with a movement in it.
 * @param {import('playwright-core').Page} page
 * @param {(typeof MOVES)[number]} move
 * @returns {Promise<number[]>}
 */
async function framesOf(page, { zoom, time, key }) {
  await page.keyboard.press('0');
  await page.click(`text="${time ? 'time' : 'events'}"`);
  for (let i = 0; i < zoom; i++) await page.keyboard.press('+');
  await page.waitForTimeout(400);
  return page.evaluate(`(${STEPS})(${JSON.stringify(key)}, ${FRAMES})`);
}

/**
 * @param {string} measure
 * @param {readonly number[]} gaps
 * @returns {import('./lib/bench.mjs').Row}
 */
function rowOf(measure, gaps) {
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const slow = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length * 0.95)] ?? 0;
  const frames = 1000 / mean;
  return {
    measure,
    value: `${frames.toFixed(1)} frames/s (median ${median(gaps).toFixed(1)} ms, 95 % within ${slow.toFixed(1)} ms)`,
    target: `≥ ${LEAST_FRAMES} frames/s`,
    met: frames >= LEAST_FRAMES,
  };
}
