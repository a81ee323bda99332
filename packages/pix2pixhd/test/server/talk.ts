/** A page's side of a conversation with the editor's server. Depends on the editor's protocol and ws. */
import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, type FromPage, type FromServer } from '@pix2pixhd/editor/protocol';
import { WebSocket } from 'ws';

type Received = { readonly header: FromServer; readonly bytes: Uint8Array };

/** A conversation. */
export class Talk {
  readonly socket: WebSocket;
  readonly received: Received[] = [];
  closed: { code: number; reason: string } | undefined;
  #wake: () => void = () => {};

  constructor(address: URL, options: { origin?: string; headers?: Record<string, string> } = {}) {
    this.socket = new WebSocket(`ws://${address.host}/socket`, options);
    this.socket.on('message', data => {
      this.received.push(decodeFrame(new Uint8Array(data as Buffer)) as Received);
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed ??= { code, reason: String(reason) };
      this.#wake();
    });
    this.socket.on('error', error => {
      this.closed ??= { code: 0, reason: error.message };
      this.#wake();
    });
  }

  send(message: FromPage, bytes?: Uint8Array): void {
    this.socket.send(encodeFrame(message, bytes));
  }

  /** The first message of a kind, from the n-th on. */
  async next<T extends FromServer['type']>(
    type: T,
    from = 0,
  ): Promise<Received & { header: Extract<FromServer, { type: T }> }> {
    for (;;) {
      const found = this.received.slice(from).find(({ header }) => header.type === type);
      if (found !== undefined) return found as never;
      assert.equal(this.closed, undefined, `closed while waiting for ${type}`);
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<{ code: number; reason: string }> {
    while (this.closed === undefined)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    return this.closed;
  }
}
