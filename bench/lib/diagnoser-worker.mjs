// @ts-check
/** Runs `diagnoseText` beside the bench, so that a text that never ends can be stopped. */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const { diagnoseText } = await import(workerData.library);

const VERDICTS = new Set(['gpu_oom', 'host_oom', 'look_alike', 'none']);

/**
 * What is wrong with a report, if anything: the parts of the contract that hold for every text.
 * @param {any} report
 */
function faultOf(report) {
  if (typeof report !== 'object' || report === null) return 'no report object';
  if (!VERDICTS.has(report.verdict)) return `verdict is ${String(report.verdict)}`;
  if (!Array.isArray(report.incidents)) return 'incidents is no list';
  for (const incident of report.incidents) {
    const fault = faultOfFigures(incident?.figures ?? {});
    if (fault) return fault;
  }
  return undefined;
}

/** @param {Record<string, any>} figures */
function faultOfFigures(figures) {
  for (const [key, value] of Object.entries(figures)) {
    if (key === 'tensor') {
      if (!value.shape?.every(Number.isSafeInteger))
        return `figures.tensor is ${JSON.stringify(value)}`;
    } else if (!key.endsWith('_bytes') && typeof value === 'number') {
      if (!Number.isFinite(value)) return `figures.${key} is ${value}`;
    } else if (key === 'other_processes' || key === 'buffers') {
      for (const other of value) {
        if (!isBytes(other?.bytes)) return `figures.${key} holds ${JSON.stringify(other)}`;
      }
    } else if (!isBytes(value)) return `figures.${key} is ${JSON.stringify(value)}`;
  }
  return undefined;
}

/** @param {any} value */
function isBytes(value) {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && 'raw' in value && 'why' in value;
}

parentPort?.on('message', async ({ texts, brief }) => {
  for (const text of texts) {
    const from = performance.now();
    try {
      const report = await diagnoseText(text);
      const seconds = (performance.now() - from) / 1000;
      const json = JSON.stringify(report);
      const fault = faultOf(report);
      parentPort?.postMessage({
        seconds,
        fault,
        verdict: report?.verdict,
        report: brief ? undefined : JSON.parse(json ?? 'null'),
        heap: process.memoryUsage().heapUsed,
      });
    } catch (error) {
      const seconds = (performance.now() - from) / 1000;
      const fault = `throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      parentPort?.postMessage({ seconds, fault });
    }
  }
});
parentPort?.postMessage({ ready: true });
