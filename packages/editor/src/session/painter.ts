/**
 * What a session needs of a generator: libtorch's on a server, ONNX Runtime's in a browser. Types only.
 */
import type { WireStyles } from '../protocol/messages.js';

/** Pixels or ids in memory. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Values per pixel; one where it is left out. */
  readonly channels?: number;
  /** (H, W, C), row-major. */
  readonly data: Uint8Array | Uint16Array | Int32Array | Float32Array;
}

/** What a generator is asked: a label map with its instances, or an image. */
export interface Drawing {
  readonly input: Pixels;
  readonly instances?: Pixels;
}

/** How an image is packed to be sent. */
export type PackedFormat = 'webp' | 'png' | 'jpeg' | 'tiff';

/** An image that a generator made. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The format that holds it without loss: PNG has no floating point. */
  readonly exact: 'png' | 'tiff';
  packed(format: PackedFormat): Promise<Uint8Array>;
}

/** A generator. */
export interface Painter {
  /** @param styles of networks that have styles; left out for all others. */
  paint(drawing: Drawing, styles: WireStyles | undefined): Promise<Picture>;
  /** Style features that are found in a photo of the drawing's size, by what has a style each: instance, or class. */
  looksIn(photo: Pixels, drawing: Drawing): Promise<ReadonlyMap<number, readonly number[]>>;
}

/** What a person is told of an error. */
export interface Told {
  readonly message: string;
  readonly remedy?: string;
}
