/** Elements. What comes from the snapshot gets into the page as text, never as markup. */

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | boolean | undefined>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name === 'class') made.className = String(value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

export function button(
  text: string,
  title: string,
  act: () => void,
  extra: Attributes = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', title, ...extra }, text);
  made.addEventListener('click', act);
  return made;
}

/** A square in a group's colour. */
export function swatch(colour: string, isStriped = false): HTMLElement {
  const made = element('span', { class: isStriped ? 'swatch striped' : 'swatch' });
  made.style.setProperty('--colour', colour);
  return made;
}

/** A bar of 0 to 1. */
export function bar(share: number, colour: string): HTMLElement {
  const filled = element('span', { class: 'bar-fill' });
  filled.style.width = `${Math.min(100, Math.max(0, share * 100)).toFixed(2)}%`;
  filled.style.background = colour;
  return element('span', { class: 'bar' }, filled);
}

/** Runs at most once a frame, however often it is asked to. */
export function oncePerFrame(act: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      act();
    });
  };
}
