/** What a program needs to speak with a page for a generator. */
export { type Canvas, openCanvas } from './canvas.js';
export { chosenStyles } from './chosen-styles.js';
export { type DescribedGenerator, describeModel } from './describe-model.js';
export { type DrawnValues, plainDrawing, type ValueRange } from './drawn-values.js';
export type { Drawing, PackedFormat, Painter, Picture, Pixels, Told } from './painter.js';
export { RenderQueue } from './render-queue.js';
export { type Beginnings, type Line, Session, type SessionMetric, type Studio } from './session.js';
