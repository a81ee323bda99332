/**
 * The conversation with the engine: what it is sent of the drawing, when it is asked for an image, and what has come of it. Of
 * all edits while an image is on its way only the last is asked for. Depends on signals and the engine's interface.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { around, type Rect } from '../document/rect.js';
import type { Scene } from '../document/scene.js';
import type {
  Engine,
  EngineEvents,
  EngineStatus,
  FoundLooks,
  GalleryCanvas,
  Rendered,
  RenderedCluster,
} from '../engine/engine.js';
import type { Model, WireStyles } from '../protocol/messages.js';

/** What is rendered, as it is when it is asked for. */
export interface Subject {
  readonly scene: () => Scene;
  /** A rectangle of it as the engine takes it. */
  readonly bytes: (rect: Rect) => Uint8Array;
  /** Undefined for networks without styles. */
  readonly styles: () => WireStyles | undefined;
  /** The object whose looks are shown. */
  readonly selected: () => number | null;
}

/** What the renderer tells. */
export interface RendererEvents {
  /** The engine is there for the first time. */
  readonly welcome: () => void;
  readonly canvas: (canvas: GalleryCanvas) => void;
  /** A drawing that was asked for cannot be had. */
  readonly noCanvas: () => void;
  /** The engine has come back with a model that takes other drawings. */
  readonly otherModel: () => void;
  readonly looks: (looks: FoundLooks) => void;
}

/** A message to the person. */
export interface Notice {
  readonly text: string;
  readonly remedy?: string | undefined;
  /** Something has been done: it needs no answer, and goes by itself. */
  readonly done?: true;
}

/** Milliseconds without an edit before looks are asked for. */
const restBeforeLooks = 350;

/** Models with the same of it take the same drawings. */
export function drawingsOf({ name, labelNc, inputChannels, values, classes, styles }: Model): string {
  const range = values === null ? [] : [values.low, values.high];
  return JSON.stringify([name, labelNc, inputChannels, styles?.channels, classes.map(one => one.name), ...range]);
}

/** Pixels of a message at most: a server takes 64 MiB, and a pixel has up to 12 bytes. */
const mostPixels = 1 << 22;

/** A rectangle in bands that fit into messages. */
export function bandsOf({ x, y, width, height }: Rect): Rect[] {
  const rows = Math.max(1, Math.floor(mostPixels / width));
  return Array.from({ length: Math.ceil(height / rows) }, (_, i) => ({
    ...{ x, y: y + i * rows, width },
    height: Math.min(rows, height - i * rows),
  }));
}

/** Milliseconds of a render above which a preview is asked for first. */
const slow = 300;

/** Has a drawing rendered. */
export class Renderer {
  readonly status = signal<EngineStatus>({ kind: 'connecting' });
  readonly model = signal<Model | null>(null);
  /** For a public screen; also before the engine has said otherwise. */
  readonly readOnly = signal(true);
  readonly gallery = signal<readonly { readonly name: string }[]>([]);
  readonly image = signal<Rendered | null>(null);
  /** What {@link image} is of: the drawing may be ahead of it. */
  imaged: Scene | null = null;
  /** Whether the image is older than the drawing. */
  readonly behind: ReadonlySignal<boolean> = computed(
    () => this.image.value !== null && this.image.value.revision !== this.#revision.value,
  );
  /** The selected object in each of its looks, as far as they have come. */
  readonly clusters = signal<readonly RenderedCluster[]>([]);
  readonly rendering = signal(false);
  /** Whether looks are being found in a photo. */
  readonly looking = signal(false);
  readonly notice = signal<Notice | null>(null);

  readonly #engine: Engine;
  readonly #subject: Subject;
  readonly #events: RendererEvents;
  readonly #revision = signal(0);
  /** The revision that the image on its way, or here, is of. */
  #sent = -1;
  #asked: Scene | null = null;
  #unsent: Rect | null = null;
  #opened = false;
  #lastTook = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Takes the image to be kept as a file. */
  #keep: ((image: Rendered | null) => void) | undefined;
  #shown: { readonly revision: number; readonly instance: number } | undefined;

  /** @param connect makes the engine that tells these events. */
  constructor(connect: (events: EngineEvents) => Engine, subject: Subject, events: RendererEvents) {
    this.#subject = subject;
    this.#events = events;
    this.#engine = connect({
      status: status => this.#onStatus(status),
      image: image => this.#onImage(image),
      cluster: cluster => this.#onCluster(cluster),
      canvas: events.canvas,
      looks: looks => {
        this.looking.value = false;
        events.looks(looks);
      },
      failed: (of, text, remedy) => {
        this.notice.value = { text, remedy };
        this.#onFailed(of);
      },
    });
  }

  /** The drawing has changed in a rectangle, or is another one, which may be of another size. */
  changed(rect: Rect, another: boolean): void {
    this.#revision.value++;
    clearTimeout(this.#rest);
    if (another || !this.#opened) this.#sendAll();
    else {
      this.#unsent = around(this.#unsent, rect);
      this.#request();
    }
  }

  /** Another object is selected, or none. */
  selected(): void {
    this.clusters.value = [];
    this.#shown = undefined;
    this.#showClusters();
  }

  /** Asks for a drawing to begin with, by its number. */
  offer(item: number): void {
    this.#engine.gallery(item);
  }

  /** Asks for the looks that a photo has for an object, or for all of them. */
  look(instance: number | null, width: number, height: number, pixels: Uint8Array): void {
    if (this.status.value.kind !== 'ready') return;
    this.looking.value = true;
    // It may be of an object that has just been drawn.
    this.#sendChanges();
    this.#engine.look(instance, width, height, pixels);
  }

  #onFailed(of: string): void {
    if (of === 'look') this.looking.value = false;
    if (of === 'gallery') this.#events.noCanvas();
    if (of !== 'render') return;
    this.#kept(null);
    this.rendering.value = false;
    // Edits have been made meanwhile: they may succeed.
    if (this.#sent !== this.#revision.peek()) this.#request();
  }

  /** The image to be kept has come, or will not. */
  #kept(image: Rendered | null): void {
    this.#keep?.(image);
    this.#keep = undefined;
  }

  #onStatus(status: EngineStatus): void {
    this.status.value = status;
    this.#kept(null);
    this.rendering.value = false;
    this.looking.value = false;
    if (status.kind !== 'ready') return;
    const first = this.model.value === null;
    if (!first && drawingsOf(status.model) !== drawingsOf(this.model.value!)) this.#events.otherModel();
    this.model.value = status.model;
    this.readOnly.value = status.readOnly;
    this.gallery.value = status.gallery;
    if (first) this.#events.welcome();
    else this.#sendAll();
  }

  #sendAll(): void {
    const { width, height } = this.#subject.scene();
    this.#opened = true;
    this.#engine.open(width, height);
    // What was asked of the canvas before is not answered any more.
    this.looking.value = false;
    this.rendering.value = false;
    this.#kept(null);
    this.#unsent = { x: 0, y: 0, width, height };
    this.#sent = -1;
    this.#request();
  }

  /** Sends what has changed and asks for an image, unless one is on its way: then when that is here. */
  #request(): void {
    if (this.rendering.value || this.status.value.kind !== 'ready') return;
    this.#sendChanges();
    this.#sent = this.#revision.peek();
    this.#asked = this.#subject.scene();
    this.#render(this.#lastTook > slow ? 2 : 1);
  }

  #sendChanges(): void {
    const bands = this.#unsent === null ? [] : bandsOf(this.#unsent);
    this.#unsent = null;
    for (const band of bands) this.#engine.change(band, this.#subject.bytes(band));
  }

  #render(reduce: 1 | 2): void {
    this.rendering.value = true;
    this.#engine.render(this.#revision.peek(), reduce, 'webp', this.#subject.styles());
  }

  /** The whole image without loss, as PNG, or as TIFF where it is of floating point; null where the engine cannot make it now. */
  async exact(): Promise<Rendered | null> {
    if (this.status.value.kind !== 'ready') return null;
    this.#kept(null);
    this.#sendChanges();
    const image = new Promise<Rendered | null>(resolve => {
      this.#keep = resolve;
    });
    this.#engine.render(this.#revision.peek(), 1, 'png', this.#subject.styles());
    return image;
  }

  #onImage(image: Rendered): void {
    if (image.format === 'png' || image.format === 'tiff') {
      this.#kept(image);
      return;
    }
    this.rendering.value = false;
    if (image.reduce === 1) this.#lastTook = image.took;
    this.imaged = this.#asked;
    this.image.value = image;
    if (image.revision !== this.#revision.peek() || this.#sent !== this.#revision.peek()) this.#request();
    else if (image.reduce > 1) this.#render(1);
    else this.#showClusters();
  }

  #onCluster(cluster: RenderedCluster): void {
    if (cluster.instance !== this.#subject.selected()) return;
    const others = this.clusters.value.filter(other => other.cluster !== cluster.cluster);
    this.clusters.value = [...others, cluster].sort((a, b) => a.cluster - b.cluster);
  }

  /** Asks for the selected object in all its looks once nothing has been done for a while: they take as long as ten edits. */
  #showClusters(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#askForClusters(), restBeforeLooks);
  }

  #askForClusters(): void {
    const instance = this.#subject.selected();
    const styles = this.#subject.styles();
    if (instance === null || styles === undefined || this.rendering.value || this.#sent !== this.#revision.peek())
      return;
    if (this.#shown?.revision === this.#revision.peek()) return;
    this.#shown = { revision: this.#revision.peek(), instance };
    this.#engine.clusters(this.#revision.peek(), instance, styles);
  }
}
