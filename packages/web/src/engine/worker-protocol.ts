/** What a page and the worker that computes say to each other. Types only. */
import type { Failure } from '../errors.js';
import type { EngineInfo, ObjectStyles, Result, Scene } from './engine.js';
import type { LoadPlan, LoadProgress } from './open-engine.js';

/** To the worker. The first is `load`; calls have numbers. */
export type ToWorker =
  | { readonly kind: 'load'; readonly plan: LoadPlan }
  | { readonly kind: 'generate' | 'encodeStyles'; readonly call: number; readonly scene: Scene }
  | { readonly kind: 'abort'; readonly call: number };

/** From the worker. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly progress: LoadProgress }
  | { readonly kind: 'notice'; readonly notice: string }
  | { readonly kind: 'loaded'; readonly info: EngineInfo }
  | { readonly kind: 'unloadable'; readonly failure: Failure }
  | { readonly kind: 'done'; readonly call: number; readonly value: Result | ObjectStyles }
  | { readonly kind: 'failed'; readonly call: number; readonly failure: Failure };
