/** What renders a drawing: a server, or a worker of the page. Types only; knows no DOM. */
import type { Rect } from '../document/rect.js';
import type { Model, WireStyles } from '../protocol/messages.js';

/** Where the engine stands. */
export type EngineStatus =
  /** With the share of the model that is there, where it is known. */
  | { readonly kind: 'connecting'; readonly share?: number }
  | {
      readonly kind: 'ready';
      readonly model: Model;
      readonly gallery: readonly { readonly name: string }[];
      readonly limits: { readonly side: number; readonly pixels: number };
      readonly readOnly: boolean;
    }
  /** It comes back by itself if it can: `again` says whether it tries. */
  | { readonly kind: 'lost'; readonly reason: string; readonly again: boolean };

/** An image that the engine made. */
export interface Rendered {
  readonly revision: number;
  /** 1: the whole image; 2: a preview of half its size. */
  readonly reduce: number;
  readonly width: number;
  readonly height: number;
  /** Milliseconds of computing. */
  readonly took: number;
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** One object in one of its styles. */
export interface RenderedCluster {
  readonly revision: number;
  readonly instance: number;
  readonly cluster: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** A drawing to begin with: runs (protocol/runs.ts), red, green and blue of each pixel, or its value (protocol/values.ts). */
export interface GalleryCanvas {
  readonly item: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Style features by object, as they were found in a photo. */
export type FoundLooks = readonly (readonly [instance: number, features: readonly number[]])[];

/** What an engine tells. */
export interface EngineEvents {
  status(status: EngineStatus): void;
  image(image: Rendered): void;
  cluster(cluster: RenderedCluster): void;
  canvas(canvas: GalleryCanvas): void;
  looks(looks: FoundLooks): void;
  /** Something could not be done; the person should know. @param of the call. */
  failed(of: string, message: string, remedy: string | undefined): void;
}

/** Renders drawings. Calls while it is not ready are dropped: after `ready` everything is to be sent. */
export interface Engine {
  open(width: number, height: number): void;
  /** Sends a rectangle of the drawing. @param bytes runs (protocol/runs.ts), or the values of its pixels. */
  change(rect: Rect, bytes: Uint8Array): void;
  render(revision: number, reduce: 1 | 2, format: 'webp' | 'png' | 'jpeg', styles: WireStyles | undefined): void;
  clusters(revision: number, instance: number, styles: WireStyles): void;
  gallery(item: number): void;
  /**
   * Finds the look of an object in a whole photo, or that of every object where it lies.
   * @param instance null for every object: the photo is then of the drawing's size.
   * @param pixels red, green and blue of each.
   */
  look(instance: number | null, width: number, height: number, pixels: Uint8Array): void;
}
