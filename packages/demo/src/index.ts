/** What programs may import from `@pix2pixhd/demo`: its data sets, and the command `pix2pixhd demo`. */

export { runDemo } from './command.js';
export { makeEmojiDataset } from './dataset/images.js';
export { EMOJI_LABEL_CLASSES, type EmojiLabelCounts, makeEmojiLabelDataset } from './dataset/labels.js';
export type { EmojiCounts, EmojiOptions } from './emoji/pairs.js';
