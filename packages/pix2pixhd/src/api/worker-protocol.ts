/**
 * What a worker's engine and its thread say to each other; everything here survives a structured clone. Types, and what
 * cloning has made of buffers.
 */
import type { Failure } from '../failure.js';
import type { SynthesizedImage } from '../raster.js';
import type { GeneratorInfo, ObjectStyles } from './engine.js';
import { holdsPixels, type PlainInput } from './image-input.js';
import type { LoadOptions } from './load-options.js';
import type { PlainRequest, PlainStyle } from './request.js';

/** What a thread is to load. */
export interface WorkerSetup {
  readonly file: string;
  readonly device: NonNullable<LoadOptions['device']>;
  readonly precision: NonNullable<LoadOptions['precision']>;
  readonly direction: NonNullable<LoadOptions['direction']>;
  /** Null for one per physical core. */
  readonly threads: number | null;
}

/**
 * To the thread: load a generator, make images, take the styles of one, give the images of an id up, free the generator, or end. Ids are
 * never used twice.
 */
export type ToWorker =
  | { readonly kind: 'open'; readonly setup: WorkerSetup }
  | { readonly kind: 'generate'; readonly id: number; readonly requests: readonly PlainRequest[] }
  | { readonly kind: 'encode'; readonly id: number; readonly request: PlainRequest }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'end' };

/** From the thread: what it has loaded or why not, the images or styles of an id or why not, notices, and that it has freed it. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly info: GeneratorInfo }
  | { readonly kind: 'unready'; readonly failure: Failure }
  | { readonly kind: 'images'; readonly id: number; readonly images: readonly SynthesizedImage[] }
  | { readonly kind: 'styles'; readonly id: number; readonly styles: ObjectStyles }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'notice'; readonly notice: string }
  | { readonly kind: 'closed' };

/** A request with its buffers, which a clone has as plain arrays of bytes. */
export function withBuffers({ input, instances, style, features }: PlainRequest): PlainRequest {
  return {
    input: withBuffer(input),
    ...(instances !== undefined && { instances: withBuffer(instances) }),
    ...(style !== undefined && { style: styleWithBuffer(style) }),
    ...(features !== undefined && { features }),
  };
}

function withBuffer(input: PlainInput): PlainInput {
  if (typeof input === 'string' || holdsPixels(input)) return input;
  const { name, bytes } = input;
  return { name, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

function styleWithBuffer(style: PlainStyle): PlainStyle {
  return style !== 'mean' && 'image' in style ? { image: withBuffer(style.image) } : style;
}
