/**
 * Which files hold images, by their extensions: formats that are read, and formats that are known but not read. Every
 * command that walks a folder uses this list. Depends on nothing, so that listing a folder does not load the decoder.
 */

/** Extensions of the image formats that are read: lower case, with the dot. */
export const READABLE_EXTENSIONS: readonly string[] = [
  '.png',
  ...['.jpg', '.jpeg', '.jpe', '.jfif'],
  '.webp',
  ...['.tif', '.tiff'],
  '.gif',
  '.npy',
];

/** Their names. */
export const READABLE_FORMATS: readonly string[] = ['PNG', 'JPEG', 'WebP', 'TIFF', 'GIF', 'NumPy'];

/** Their names as messages list them: `PNG, JPEG, WebP, TIFF or GIF`. */
export const READABLE_FORMATS_LISTED = `${READABLE_FORMATS.slice(0, -1).join(', ')} or ${READABLE_FORMATS.at(-1)}`;

const OTHER_FORMATS: readonly (readonly [format: string, extensions: string])[] = [
  ['BMP', '.bmp .dib'],
  ['HEIC', '.heic .heif .hif'],
  ['AVIF', '.avif .avifs'],
  ['JPEG XL', '.jxl'],
  ['JPEG 2000', '.jp2 .j2k .j2c .jpx .jpf'],
  ['OpenEXR', '.exr'],
  ['Radiance HDR', '.hdr'],
  ['Netpbm', '.ppm .pgm .pbm .pnm .pfm .pam'],
  ['TGA', '.tga'],
  ['Photoshop', '.psd .psb'],
  ['SVG', '.svg .svgz'],
  ['camera raw', '.dng .cr2 .cr3 .nef .arw .raf .orf .rw2'],
  ['DICOM', '.dcm'],
  ['NumPy archive', '.npz'],
  ['MATLAB', '.mat'],
  ['video', '.mp4 .mov .avi .mkv .webm .m4v'],
];

const byExtension = new Map(
  OTHER_FORMATS.flatMap(([format, extensions]) => extensions.split(' ').map(extension => [extension, format] as const)),
);

/** The format of files with this extension, where it is one for images (or for data in their place) that is not read. */
export function unreadFormat(extension: string): string | undefined {
  return byExtension.get(extension.toLowerCase());
}
