/** Starts the page. */
import { LANGS, type Lang } from '../../core/index.ts';
import { App } from './app.ts';
import { loadData, loadReport } from './load.ts';
import { WORDS } from './words.ts';

const asked = document.documentElement.lang;
const lang: Lang = LANGS.find((each) => each === asked) ?? 'en';
const host = document.getElementById('unoom-app') ?? document.body;

try {
  new App(host, await loadData(), loadReport(), lang);
  document.body.classList.add('ready');
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  host.textContent = `${WORDS[lang].broken}: ${reason}`;
}
