/** Lines that frames of the protocol go over: a WebSocket, or the messages of a worker. Depends on the browser. */

/** What is told of a line. */
export interface Listener {
  /** The other end listens. */
  opened(): void;
  /** The share of the model that is there, from 0 to 1. */
  progress(share: number): void;
  frame(frame: Uint8Array): void;
  /** @param code as WebSockets have it. */
  closed(code: number, reason: string): void;
}

/** A line that is being opened, or is open. */
export interface Connection {
  /** What is sent before the line is open, or after it was closed, is lost. */
  send(frame: Uint8Array<ArrayBuffer>): void;
}

/** Opens a line. */
export type Connect = (listener: Listener) => Connection;

/** A line to a server. @param address `ws://…/socket`. */
export function overSocket(address: string): Connect {
  return listener => {
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }) => listener.frame(new Uint8Array(data as ArrayBuffer));
    socket.onclose = ({ code, reason }) => listener.closed(code, reason);
    return {
      send(frame) {
        if (socket.readyState === WebSocket.OPEN) socket.send(frame);
      },
    };
  };
}

/** What a worker says beside frames. */
export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'progress'; readonly share: number }
  | { readonly type: 'closed'; readonly reason: string };

/** Of a worker that cannot go on: WebSocket's code after which there is no use in trying again. */
const unusable = 1008;

/**
 * A line to a worker.
 * @param start starts it; it is ended when it closes the line.
 */
export function overWorker(start: () => Worker): Connect {
  return listener => {
    const worker = start();
    const close = (reason: string) => {
      worker.terminate();
      listener.closed(unusable, reason);
    };
    worker.onmessage = ({ data }: MessageEvent<FromWorker | Uint8Array>) => {
      if (data instanceof Uint8Array) listener.frame(data);
      else if (data.type === 'opened') listener.opened();
      else if (data.type === 'progress') listener.progress(data.share);
      else close(data.reason);
    };
    worker.onerror = ({ message }) => close(message || 'the worker that renders cannot be started here');
    return { send: frame => worker.postMessage(frame) };
  };
}
