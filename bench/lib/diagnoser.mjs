// @ts-check
/** `diagnoseText` in a worker: texts in, answers out in the same order, each within a time limit. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * @typedef {{ seconds: number, fault?: string, verdict?: string, report?: any, heap?: number }} Answer
 */

export class Diagnoser {
  /**
   * @param {string} library path of the built library
   * @param {{ limitSeconds: number, heapMb?: number }} limits
   */
  constructor(library, { limitSeconds, heapMb }) {
    this.library = pathToFileURL(library).href;
    this.limitSeconds = limitSeconds;
    this.heapMb = heapMb;
    /** @type {Worker | undefined} */
    this.worker = undefined;
  }

  /** @returns {Promise<Worker>} */
  async start() {
    const worker = new Worker(new URL('./diagnoser-worker.mjs', import.meta.url), {
      workerData: { library: this.library },
      ...(this.heapMb ? { resourceLimits: { maxOldGenerationSizeMb: this.heapMb } } : {}),
    });
    await new Promise((ready, failed) => {
      worker.once('message', ready);
      worker.once('error', failed);
    });
    return worker;
  }

  /**
   * @param {readonly string[]} texts
   * @param {{ brief?: boolean }} [how] brief: the verdict only, no report
   * @returns {Promise<Answer[]>}
   */
  async ask(texts, { brief = false } = {}) {
    /** @type {Answer[]} */
    const answers = [];
    while (answers.length < texts.length) {
      this.worker ??= await this.start();
      const stopped = await this.#round(this.worker, texts.slice(answers.length), brief, answers);
      if (stopped) {
        await this.worker.terminate();
        this.worker = undefined;
        answers.push(stopped);
      }
    }
    return answers;
  }

  /**
   * Fills `answers` as far as it gets; hands back the answer of the text that killed or outran the worker.
   * @param {Worker} worker
   * @param {readonly string[]} texts
   * @param {boolean} brief
   * @param {Answer[]} answers
   * @returns {Promise<Answer | undefined>}
   */
  #round(worker, texts, brief, answers) {
    const all = answers.length + texts.length;
    return new Promise((resolve) => {
      let last = performance.now();
      const done = (/** @type {Answer | undefined} */ answer) => {
        clearInterval(watch);
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.off('exit', onExit);
        resolve(answer);
      };
      const stop = (/** @type {string} */ fault) => {
        done({ seconds: (performance.now() - last) / 1000, fault });
      };
      const onMessage = (/** @type {Answer} */ answer) => {
        last = performance.now();
        if (!answer.fault && answer.seconds > this.limitSeconds) {
          answer.fault = `takes ${answer.seconds.toFixed(2)} s`;
        }
        answers.push(answer);
        if (answers.length === all) done(undefined);
      };
      const onError = (/** @type {unknown} */ error) => stop(`kills its thread: ${error}`);
      const onExit = (/** @type {number} */ code) => stop(`ends its thread: ${code}`);
      const watch = setInterval(() => {
        // Twice the limit: the worker's own clock decides what is late, this one what hangs.
        if (performance.now() - last > 2000 * this.limitSeconds) stop('hangs');
      }, 100);
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.on('exit', onExit);
      worker.postMessage({ texts, brief });
    });
  }

  async close() {
    await this.worker?.terminate();
    this.worker = undefined;
  }
}
