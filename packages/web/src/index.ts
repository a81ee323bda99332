export type { Style, StyleChoicesInput } from './scene/index.js';
