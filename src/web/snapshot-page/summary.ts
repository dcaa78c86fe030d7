/** The header: what a reader should know before looking at any picture. */
import type { PageDevice } from '../../core/snapshots.ts';
import { element, swatch } from './dom.ts';
import type { Format } from './format.ts';
import type { ReportDevice } from './report.ts';
import type { Scene } from './timeline.ts';
import { fill, type Words } from './words.ts';

export function summaryCards(
  { trace, stack, groups, colours, names }: Scene,
  report: ReportDevice | undefined,
  words: Words,
  format: Format,
): HTMLElement[] {
  const { device, peak } = trace;
  const allocated = trace.allocated.values[peak] as number;
  const reserved = trace.reserved.values[trace.reserved.greatestIn(0, trace.positions)] as number;
  const cards = [
    card(
      words.peak,
      format.bytes(allocated),
      fill(words.ofReserved, { bytes: format.bytes(reserved) }),
    ),
  ];
  const failure = failureCard(device, textOf(report?.failure?.why), words, format);
  if (failure !== undefined) cards.push(failure);
  cards.push(fillsCard());
  for (const each of [growthCard(), replayCard(), whatIfCard()]) {
    if (each !== undefined) cards.push(each);
  }
  return cards;

  function fillsCard(): HTMLElement {
    const bytes = stack.at(peak, new Float64Array(groups.count));
    const order = [...bytes.keys()].sort((a, b) => (bytes[b] as number) - (bytes[a] as number));
    const strip = element('span', { class: 'strip' });
    const list = element('span', { class: 'tops' });
    for (const [rank, g] of order.entries()) {
      const share = (bytes[g] as number) / Math.max(1, allocated);
      if (share <= 0) break;
      const part = element('span');
      part.style.flexGrow = String(share);
      part.style.background = colours[g] ?? '';
      part.title = `${names[g]}: ${format.bytes(bytes[g] as number)}`;
      strip.append(part);
      if (rank >= 3) continue;
      list.append(
        element(
          'span',
          { class: 'top' },
          swatch(colours[g] ?? ''),
          element('span', { class: 'name', title: names[g] }, names[g] ?? ''),
          element('b', {}, format.percent(share)),
        ),
      );
    }
    return element('section', { class: 'card wide' }, element('h2', {}, words.fills), strip, list);
  }

  function growthCard(): HTMLElement | undefined {
    const found = report?.growth;
    const first = found?.[0];
    if (found === undefined || report?.steps?.unknown !== undefined) return undefined;
    const rate = first === undefined ? undefined : numberOf(first.bytes_per_step);
    const name = textOf(first?.line) ?? '';
    return card(
      words.growth,
      rate === undefined ? words.noGrowth : fill(words.perStep, { bytes: format.bytes(rate) }),
      name,
      rate === undefined ? '' : 'bad',
    );
  }

  function replayCard(): HTMLElement | undefined {
    const count = numberOf(report?.replay?.allocations);
    const equal = numberOf(report?.replay?.address_equal);
    if (count === undefined || equal === undefined || count === 0) return undefined;
    return card(
      words.replay,
      format.percent(equal / count),
      fill(words.replayMatch, { equal: format.count(equal), count: format.count(count) }),
    );
  }

  function whatIfCard(): HTMLElement | undefined {
    const best = report?.what_if?.find((each) => each.is_best === true);
    const bytes = numberOf(best?.peak_reserved_bytes);
    const settings = textOf(best?.settings);
    if (best === undefined || bytes === undefined || settings === undefined) return undefined;
    const notes = [fill(words.atMost, { bytes: format.bytes(bytes) })];
    if (best.served === true) notes.push(words.served);
    if (best.served === false) notes.push(words.notServed);
    if (best.basis === 'modelled') notes.push(words.modelled);
    return card(words.whatIf, settings, notes.join(' · '), 'code');
  }
}

function failureCard(
  { ooms }: PageDevice,
  why: string | undefined,
  words: Words,
  format: Format,
): HTMLElement | undefined {
  const last = ooms.count - 1;
  if (last < 0) return undefined;
  return card(
    words.failure,
    fill(words.asked, { bytes: format.bytes(ooms.asked[last] as number) }),
    why ?? fill(words.deviceFree, { bytes: format.bytes(ooms.free[last] as number) }),
    'bad',
  );
}

function card(title: string, value: string, note: string, kind = ''): HTMLElement {
  const colour = kind === 'bad' ? 'bad-text' : '';
  return element(
    'section',
    { class: `card ${kind}` },
    element('h2', { class: colour }, title),
    element('p', { class: `value ${colour}`, title: value }, ...breakable(value)),
    element('p', { class: 'note', title: note }, note),
  );
}

/** Settings are long words: a line ends best behind their signs, and inside of them only in need. */
const breakable = (text: string): (string | HTMLElement)[] =>
  text.split(/(?<=[=,:_])/).flatMap((part, i) => (i === 0 ? [part] : [element('wbr'), part]));

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
