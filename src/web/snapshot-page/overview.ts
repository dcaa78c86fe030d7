/** The whole trace in a strip, with the window that the timeline shows. */
import { oncePerFrame } from './dom.ts';
import { Raster } from './raster.ts';
import { inksOf, type Scene, type Timeline } from './timeline.ts';

const LEFT = 66;
const RIGHT = 12;

export class Overview {
  readonly #host: HTMLElement;
  readonly #timeline: Timeline;
  readonly #picture: HTMLCanvasElement = document.createElement('canvas');
  readonly #window: HTMLElement = document.createElement('div');
  #scene: Scene | undefined;
  readonly redraw: () => void = oncePerFrame(() => this.#draw());

  constructor(host: HTMLElement, label: string, timeline: Timeline) {
    this.#host = host;
    this.#timeline = timeline;
    this.#window.className = 'window';
    this.#picture.setAttribute('role', 'img');
    this.#picture.setAttribute('aria-label', label);
    host.title = label;
    host.append(this.#picture, this.#window);
    new ResizeObserver(() => this.redraw()).observe(host);
    const drag = (event: PointerEvent): void => {
      if (event.buttons === 0) return;
      host.setPointerCapture(event.pointerId);
      const box = this.#picture.getBoundingClientRect();
      const end = this.#end();
      const middle = ((event.clientX - box.left) / box.width) * end;
      const { from, to } = timeline.view;
      timeline.moveTo(middle - (to - from) / 2, middle + (to - from) / 2);
    };
    host.addEventListener('pointerdown', drag);
    host.addEventListener('pointermove', drag);
  }

  show(scene: Scene): void {
    this.#scene = scene;
    this.redraw();
  }

  #end(): number {
    const trace = this.#scene?.trace;
    if (trace === undefined) return 1;
    return this.#timeline.isTime ? Math.max(1, trace.duration) : trace.positions;
  }

  #draw(): void {
    const scene = this.#scene;
    if (scene === undefined) return;
    const width = Math.max(40, Math.floor(this.#host.clientWidth) - LEFT - RIGHT);
    const height = Math.max(10, this.#host.clientHeight - 2);
    const { trace } = scene;
    const image = new ImageData(width, height);
    const top = trace.reserved.values[trace.reserved.greatestIn(0, trace.positions)] as number;
    const high = Math.max(1, top, trace.allocated.values[trace.peak] as number);
    const { isTime } = this.#timeline;
    new Raster(new Uint32Array(image.data.buffer), width, height).draw(
      scene.stack,
      { from: 0, to: this.#end(), isTime, low: 0, high, width, height },
      inksOf(scene),
      -1,
    );
    this.#picture.width = width;
    this.#picture.height = height;
    this.#picture.style.left = `${LEFT}px`;
    this.#picture.getContext('2d')?.putImageData(image, 0, 0);
    this.moved();
  }

  /** Only the window is new. */
  moved(): void {
    const { from, to } = this.#timeline.view;
    const width = this.#picture.width;
    const end = this.#end();
    this.#window.style.left = `${LEFT + (from / end) * width}px`;
    this.#window.style.width = `${Math.max(3, ((to - from) / end) * width)}px`;
  }
}
