/** What a server needs to speak with the page. */
export { decodeFrame, encodeFrame, type Frame } from './frames.js';
export {
  type FromPage,
  type FromServer,
  fromPageSchema,
  fromServerSchema,
  type Model,
  protocolVersion,
  type WireStyle,
  type WireStyles,
} from './messages.js';
export { decodeRuns, encodeRuns } from './runs.js';
export { decodeValues, encodeValues } from './values.js';
