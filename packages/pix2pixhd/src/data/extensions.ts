/** The picture formats that can be read. Depends on nothing, so that listing a folder need not load the decoder. */

/** Lower-case extensions, with the dot. */
export const READABLE_EXTENSIONS: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff'];
