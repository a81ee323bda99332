/** An engine that is elsewhere: speaks the protocol over a line, to a server or a worker, and connects again when it is cut off. */
import type { Rect } from '../document/rect.js';
import { decodeFrame, encodeFrame } from '../protocol/frames.js';
import { type FromPage, fromServerSchema, protocolVersion, type WireStyles } from '../protocol/messages.js';
import type { Connect, Connection } from './connection.js';
import type { Engine, EngineEvents } from './engine.js';

/** WebSocket's codes after which there is no use in trying again. */
const final = new Set([1002, 1008, 1009]);
const firstDelay = 250;
const longestDelay = 5000;

/** Renders at the other end of a line. */
export class RemoteEngine implements Engine {
  readonly #open: Connect;
  readonly #token: string | undefined;
  readonly #events: EngineEvents;
  #connection: Connection | undefined;
  #ready = false;
  #delay = firstDelay;

  /** @param open opens a line, each time there is none. */
  constructor(open: Connect, token: string | undefined, events: EngineEvents) {
    this.#open = open;
    this.#token = token;
    this.#events = events;
    this.#connect();
  }

  #connect(): void {
    this.#events.status({ kind: 'connecting' });
    this.#connection = this.#open({
      opened: () =>
        this.#send({
          type: 'hello',
          protocol: protocolVersion,
          ...(this.#token !== undefined && { token: this.#token }),
        }),
      progress: share => this.#events.status({ kind: 'connecting', share }),
      frame: frame => this.#receive(frame),
      closed: (code, reason) => {
        this.#ready = false;
        const again = !final.has(code);
        this.#events.status({ kind: 'lost', reason, again });
        if (!again) return;
        setTimeout(() => this.#connect(), this.#delay);
        this.#delay = Math.min(longestDelay, this.#delay * 2);
      },
    });
  }

  #receive(frame: Uint8Array): void {
    const decoded = decodeFrame(frame);
    const parsed = fromServerSchema.safeParse(decoded?.header);
    if (decoded === null || !parsed.success) {
      this.#events.failed('message', 'the server sent what this page cannot read', undefined);
      return;
    }
    const { bytes } = decoded;
    const message = parsed.data;
    if (message.type === 'image') this.#events.image({ ...message, bytes });
    else if (message.type === 'cluster') this.#events.cluster({ ...message, bytes });
    else if (message.type === 'canvas') this.#events.canvas({ ...message, bytes });
    else if (message.type === 'look') this.#events.looks(message.looks);
    else if (message.type === 'failed') this.#events.failed(message.of, message.message, message.remedy);
    else {
      this.#ready = true;
      this.#delay = firstDelay;
      const { type: _, ...ready } = message;
      this.#events.status({ kind: 'ready', ...ready });
    }
  }

  #send(message: FromPage, bytes?: Uint8Array): void {
    if (this.#ready || message.type === 'hello') this.#connection?.send(encodeFrame(message, bytes));
  }

  open(width: number, height: number): void {
    this.#send({ type: 'open', width, height });
  }

  change(rect: Rect, bytes: Uint8Array): void {
    this.#send({ type: 'change', ...rect }, bytes);
  }

  render(revision: number, reduce: 1 | 2, format: 'webp' | 'png' | 'jpeg', styles: WireStyles | undefined): void {
    this.#send({ type: 'render', revision, reduce, format, ...(styles && { styles }) });
  }

  clusters(revision: number, instance: number, styles: WireStyles): void {
    this.#send({ type: 'clusters', revision, instance, styles });
  }

  gallery(item: number): void {
    this.#send({ type: 'gallery', item });
  }

  look(instance: number | null, width: number, height: number, pixels: Uint8Array): void {
    this.#send({ type: 'look', instance, width, height }, pixels);
  }
}
