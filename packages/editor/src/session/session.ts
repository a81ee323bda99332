/**
 * One page's conversation: its canvas, what it asks for, and what it is sent. The same on a server, behind a WebSocket, and in a
 * browser, behind a worker's messages. Depends on the canvas, the queue and the protocol.
 */
import { decodeFrame, encodeFrame } from '../protocol/frames.js';
import {
  type FromPage,
  type FromServer,
  fromPageSchema,
  type Model,
  protocolVersion,
  type WireStyles,
} from '../protocol/messages.js';
import { type Canvas, openCanvas } from './canvas.js';
import type { DrawnValues } from './drawn-values.js';
import type { Painter, Picture, Told } from './painter.js';
import { type Looks, lookOfWhole, looksInPlace, type Photo } from './photo-looks.js';
import type { RenderQueue } from './render-queue.js';

/** What a session counts. */
export type SessionMetric =
  | 'messages_total'
  | 'bad_messages_total'
  | 'refused_connections_total'
  | 'images_total'
  | 'failed_images_total'
  | 'compute_seconds_total';

/** Drawings to begin with, by number. */
export interface Beginnings {
  readonly names: readonly string[];
  /** @throws RangeError where there is no such drawing. */
  read(item: number): Promise<{ readonly width: number; readonly height: number; readonly bytes: Uint8Array }>;
}

/** What all sessions have in common. */
export interface Studio {
  readonly painter: Painter;
  readonly model: Model;
  readonly gallery: Beginnings;
  /** How the pixels of images are drawn. */
  readonly inputs: DrawnValues;
  readonly queue: RenderQueue<Session>;
  readonly limits: { readonly side: number; readonly pixels: number };
  readonly readOnly: boolean;
  readonly count: (metric: SessionMetric, by?: number) => void;
  /** Whether a page with such a token may come in. */
  readonly admits: (token: string | undefined) => boolean;
  /** What a person is told of an error of the painter, or of a drawing that cannot be read; null where it is no user's. */
  readonly explain: (error: unknown) => Told | null;
  /** Is told of every error that a page was told of. */
  readonly report: (error: unknown) => void;
}

/** How a session speaks to its page. */
export interface Line {
  send(frame: Uint8Array): void;
  /** Ends the conversation. @param code as WebSockets have it. */
  close(code: number, reason: string): void;
}

/** Bytes of a first message. */
const longestHello = 4096;
/** Messages that a page may get wrong before it is shown out. */
const patience = 20;

/** One page's conversation. */
export class Session {
  readonly #studio: Studio;
  readonly #line: Line;
  #greeted = false;
  #canvas: Canvas | null = null;
  #faults = 0;

  constructor(studio: Studio, line: Line) {
    this.#studio = studio;
    this.#line = line;
  }

  /** Whether the page has said hello as it should. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** Takes a message as it came. Never throws. */
  receive(frame: Uint8Array): void {
    this.#studio.count('messages_total');
    if (!this.#greeted && frame.length > longestHello) {
      this.#line.close(1008, 'hello comes first');
      return;
    }
    const decoded = decodeFrame(frame);
    const parsed = decoded === null ? null : fromPageSchema.safeParse(decoded.header);
    if (decoded === null || !parsed?.success) {
      const issue = parsed?.error?.issues[0];
      this.#fault(
        'message',
        issue === undefined ? 'not a message of the protocol' : `${issue.path.join('.')}: ${issue.message}`,
      );
      return;
    }
    const message = parsed.data as FromPage;
    if (message.type === 'hello') this.#hello(message);
    else if (!this.#greeted) this.#line.close(1008, 'hello comes first');
    else this.#answer(message, decoded.bytes);
  }

  /** Forgets all that was asked for. */
  end(): void {
    this.#studio.queue.remove(this);
    this.#canvas = null;
  }

  #hello({ protocol, token }: Extract<FromPage, { type: 'hello' }>): void {
    const { model, gallery, limits, readOnly } = this.#studio;
    if (!this.#studio.admits(token)) {
      this.#studio.count('refused_connections_total');
      this.#line.close(1008, 'wrong token');
      return;
    }
    if (protocol !== protocolVersion) {
      this.#line.close(1002, `this server speaks version ${protocolVersion} of the protocol; reload the page`);
      return;
    }
    this.#greeted = true;
    this.#send({ type: 'ready', model, gallery: gallery.names.map(name => ({ name })), limits, readOnly });
  }

  #answer(message: Exclude<FromPage, { type: 'hello' }>, bytes: Uint8Array): void {
    if (message.type === 'open') this.#open(message);
    else if (message.type === 'gallery') void this.#gallery(message.item);
    else if (this.#canvas === null) this.#fault(message.type, 'no canvas is open');
    else if (message.type === 'render') this.#render(message, this.#canvas);
    else if (message.type === 'clusters') this.#clusters(message, this.#canvas);
    else if (message.type === 'look') this.#look({ ...message, bytes }, this.#canvas);
    else {
      const wrong = this.#canvas.change(message, bytes);
      if (wrong !== null) this.#fault('change', wrong);
    }
  }

  #open({ width, height }: Extract<FromPage, { type: 'open' }>): void {
    const wrong = this.#tooLarge(width, height);
    if (wrong !== null) {
      this.#fault('open', wrong);
      return;
    }
    this.#studio.queue.remove(this);
    this.#canvas = openCanvas(width, height, this.#studio.model, this.#studio.inputs);
  }

  #tooLarge(width: number, height: number): string | null {
    const { side, pixels } = this.#studio.limits;
    if (Math.max(width, height) <= side && width * height <= pixels) return null;
    return `${width}×${height}; at most ${side} a side and ${pixels} pixels`;
  }

  #render({ revision, format, reduce, styles }: Extract<FromPage, { type: 'render' }>, canvas: Canvas): void {
    // A preview comes before the whole image, and a later revision of either in the place of an earlier one.
    // One to be kept as a file is not the one to be looked at.
    const slot = reduce === 2 ? '1 preview' : format === 'png' ? '3 file' : '2 image';
    this.#studio.queue.submit(this, slot, () =>
      this.#compute('render', revision, canvas, async () => {
        const before = performance.now();
        const image = await this.#generate(canvas, reduce, styles);
        const took = performance.now() - before;
        const { width, height } = image;
        const kept = format === 'png' ? image.exact : format;
        this.#send({ type: 'image', revision, reduce, format: kept, width, height, took }, await image.packed(kept));
      }),
    );
  }

  #clusters({ revision, instance, styles }: Extract<FromPage, { type: 'clusters' }>, canvas: Canvas): void {
    const label = canvas.labelOf(instance);
    const clusters = this.#studio.model.styles?.clusters.find(([id]) => id === label)?.[1].length ?? 0;
    // With styles per class its label has the look.
    const dressed = this.#studio.model.styles?.per === 'class' && label !== undefined ? label : instance;
    const others = styles.instances.filter(([id]) => id !== dressed);
    // Those of an object that was selected before are not wanted any more.
    for (let cluster = 0; cluster < 256; cluster++) this.#studio.queue.remove(this, clusterSlot(cluster));
    for (let cluster = 0; cluster < clusters; cluster++)
      this.#studio.queue.submit(this, clusterSlot(cluster), () =>
        this.#compute('clusters', revision, canvas, async () => {
          const image = await this.#generate(canvas, 1, { ...styles, instances: [...others, [dressed, { cluster }]] });
          const { width, height } = image;
          this.#send({ type: 'cluster', revision, instance, cluster, width, height }, await image.packed('webp'));
        }),
      );
  }

  #look({ instance, ...photo }: Extract<FromPage, { type: 'look' }> & Photo, canvas: Canvas): void {
    const wrong =
      (this.#studio.readOnly ? 'this server takes no files' : null) ??
      this.#unfit(photo) ??
      this.#unmatched(instance, photo, canvas);
    if (wrong !== null) {
      this.#fault('look', wrong);
      return;
    }
    const { painter, model, queue } = this.#studio;
    // Before all images: a person waits for it.
    queue.submit(this, '0 look', () =>
      this.#compute('look', undefined, canvas, async () => {
        const label = instance === null ? undefined : canvas.labelOf(instance);
        let looks: Looks = [];
        if (instance === null) looks = await looksInPlace(painter, model.styles?.per === 'class', canvas, photo);
        else if (label !== undefined) looks = await lookOfWhole(painter, instance, label, photo);
        this.#send({ type: 'look', looks });
      }),
    );
  }

  /** What is wrong with a photo. */
  #unfit({ width, height, bytes }: Photo): string | null {
    if (this.#studio.model.styles?.fromImages !== true) return 'this network takes no looks from photos';
    if (bytes.length !== 3 * width * height) return `${bytes.length} bytes for ${width}×${height} pixels`;
    return this.#tooLarge(width, height);
  }

  /** Why the objects that are asked for cannot take their looks from a photo. */
  #unmatched(instance: number | null, { width, height }: Photo, canvas: Canvas): string | null {
    if (instance !== null) return canvas.labelOf(instance) === undefined ? `there is no object ${instance}` : null;
    if (width === canvas.width && height === canvas.height) return null;
    return `a photo of ${width}×${height} for a canvas of ${canvas.width}×${canvas.height}`;
  }

  async #gallery(item: number): Promise<void> {
    try {
      const { bytes, ...canvas } = await this.#studio.gallery.read(item);
      this.#send({ type: 'canvas', item, name: this.#studio.gallery.names[item]!, ...canvas }, bytes);
    } catch (error) {
      if (error instanceof RangeError) this.#fault('gallery', error.message);
      else this.#failed('gallery', error);
    }
  }

  /** Computes what a page waits for, unless it has opened another canvas or gone since. */
  async #compute(
    of: string,
    revision: number | undefined,
    canvas: Canvas,
    compute: () => Promise<void>,
  ): Promise<void> {
    if (canvas !== this.#canvas) return;
    try {
      await compute();
    } catch (error) {
      this.#failed(of, error, revision);
    }
  }

  async #generate(canvas: Canvas, reduce: number, styles: WireStyles | undefined): Promise<Picture> {
    const { painter, model, count } = this.#studio;
    const before = performance.now();
    const picture = await painter.paint(canvas.request(reduce), model.styles === null ? undefined : styles);
    count('images_total');
    count('compute_seconds_total', (performance.now() - before) / 1000);
    return picture;
  }

  #failed(of: string, error: unknown, revision?: number): void {
    const { count, explain, report } = this.#studio;
    count('failed_images_total');
    const told = explain(error) ?? { message: 'the server could not compute it' };
    this.#send({ type: 'failed', of, ...(revision !== undefined && { revision }), ...told });
    report(error);
  }

  #fault(of: string, message: string): void {
    this.#studio.count('bad_messages_total');
    if (!this.#greeted) this.#line.close(1008, 'hello comes first');
    else if (++this.#faults > patience) this.#line.close(1008, 'too many messages that cannot be understood');
    else this.#send({ type: 'failed', of, message });
  }

  #send(header: FromServer, bytes?: Uint8Array): void {
    this.#line.send(encodeFrame(header, bytes));
  }
}

function clusterSlot(cluster: number): string {
  return `cluster ${String(cluster).padStart(3, '0')}`;
}
