/** Node: files by their paths, images by sharp where it is installed. Depends on errors.ts, Node and, when asked, sharp. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reasonOf, UserError } from '../errors.js';
import type { Platform } from './platform.js';

export const platform: Platform = {
  isPage: false,

  pathOf(source) {
    if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
    if (/^file:/i.test(source)) return fileURLToPath(source);
    return /^(https?|data|blob):/i.test(source) ? undefined : source;
  },

  addressOf(source) {
    const path = this.pathOf(source);
    return path === undefined ? String(source) : pathToFileURL(resolve(path)).href;
  },

  async readFile(path, name) {
    try {
      return await readFile(path);
    } catch (cause) {
      const isGone = (cause as { code?: string }).code === 'ENOENT';
      throw new UserError(
        {
          code: isGone ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
          doing: `reading ${name}`,
          where: path,
          found: isGone ? 'no such file' : reasonOf(cause),
          expected: 'a file',
          remedy: 'check the path; relative paths begin at the working directory of the process',
        },
        { cause },
      );
    }
  },

  async writeFile(path, bytes) {
    try {
      await writeFile(path, bytes);
    } catch (cause) {
      throw new UserError(
        {
          code: 'CANNOT_WRITE',
          doing: 'saving a generated image',
          where: path,
          found: reasonOf(cause),
          expected: 'a folder that can be written to',
          remedy: 'choose another place',
        },
        { cause },
      );
    }
  },

  async decodeImage(bytes, name) {
    let sharp: typeof import('sharp').default;
    try {
      sharp = (await import('sharp')).default;
    } catch (cause) {
      throw new UserError(
        {
          code: 'NOT_INSTALLED',
          doing: `reading ${name}`,
          found: 'an image that is no PNG, and no sharp to decode it',
          expected: 'a PNG, or the npm package sharp',
          remedy: 'npm install sharp, or give a PNG or { width, height, data }',
        },
        { cause },
      );
    }
    try {
      const { data, info } = await sharp(bytes).autoOrient().raw().toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) };
    } catch (cause) {
      throw new UserError(
        {
          code: 'FILE_UNREADABLE',
          doing: `reading ${name}`,
          found: reasonOf(cause),
          expected: 'an image file',
          remedy: 'save the file again, as PNG',
        },
        { cause },
      );
    }
  },

  pixelsOf(_, name) {
    throw unsupported(`reading ${name}`, 'a canvas or a picture of a page', 'give { width, height, data }, or a file');
  },

  async encodeImage() {
    throw unsupported('encoding an image', 'no canvas in Node', 'use toPng, or sharp with data, width and height');
  },

  startWorker() {
    throw unsupported(
      'loading a generator',
      'worker: true in Node',
      'leave it out: onnxruntime-node computes in threads of its own',
    );
  },
};

function unsupported(doing: string, found: string, remedy: string): UserError {
  return new UserError({ code: 'UNSUPPORTED', doing, found, remedy });
}
