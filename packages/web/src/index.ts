/**
 * `@pix2pixhd/web`: trained networks without libtorch, in browsers and in Node. What is not listed here is the package's own business;
 * `@pix2pixhd/web/scene` has the choice of styles by itself.
 */

export { GeneratedImage, type Rgba } from './api/generated-image.js';
export type { GeneratorInfo, StyleInfo } from './api/info.js';
export { loadGenerator } from './api/load-generator.js';
export type { LoadOptions, ModelSource } from './api/load-options.js';
export { LoadedGenerator } from './api/loaded-generator.js';
export type { EncodeStylesOptions, GenerateOptions, GenerateRequest, StyleInput } from './api/request.js';
export type { ObjectStyles } from './engine/engine.js';
export type { LoadProgress } from './engine/open-engine.js';
export type { WorkerLike } from './engine/worker-engine.js';
export { type ErrorCode, errorCodes, UserError, type UserErrorParts } from './errors.js';
export type { CanvasLike, ImageInput, PictureLike, Pixels } from './input/image-input.js';
export type { ChannelRange, ImageSpec, LabelClass } from './model/metadata.js';
export type { Device, Runtime } from './runtime/runtime.js';
export type { Style, StyleChoicesInput } from './scene/index.js';
