/**
 * `site/`: a page without a server. It is the editor's page with a worker that computes, the model for ONNX Runtime, and drawings to begin
 * with, as files for any static host.
 *
 * This file writes them. Depends on onnx, the gallery and the built page.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { writeFileAtomic } from '@pix2pixhd/torch/atomic-write';
import type { Direction } from '../config/direction.js';
import type { TrainConfig } from '../config/schema.js';
import { parseRange } from '../data/values/range.js';
import { beginningOf, type DrawingOptions } from '../drawings/beginnings.js';
import { UserError } from '../errors.js';
import { prepareExport } from '../interop/export.js';
import { usesBoundary, usesImages } from '../networks/build.js';
import { type ModelOptions, modelsOf } from '../onnx/export-files.js';
import { makeFolder } from '../output/make-folder.js';

/** What to export, and where. */
export interface SiteOptions extends ModelOptions, Omit<DrawingOptions, 'maxSide'> {
  /** The folder to write to; it is created. */
  readonly out: string;
  /** Replace an earlier site. */
  readonly force: boolean;
  readonly direction: Direction;
  /** What the page calls the model. */
  readonly name: string;
  /** The folder of the built page. */
  readonly page: string;
}

/** What was written. */
export interface WrittenSite {
  readonly files: string[];
  readonly step: number;
  readonly bytes: number;
}

/** The largest blank drawing: what a browser computes in a few seconds. */
const maxSide = 512;

/**
 * Writes a site. The page is written after all that it needs, and the service worker last. Who has visited an earlier one sees that until
 * the new one is whole; who comes for the first time while it is written may have to reload.
 *
 * @param path a checkpoint, or an exported generator.
 * @throws UserError where inputs cannot be drawn, the page has not been built, or there is a site already; as `modelsOf`.
 */
export async function exportSite(path: string, options: SiteOptions): Promise<WrittenSite> {
  const { out, direction, name } = options;
  const page = builtPage(options.page);
  prepareExport(['site.json', 'index.html', 'sw.js', 'generator.onnx', 'encoder.onnx'], options);
  const { generator, encoder, opened } = modelsOf(path, direction, options);
  const { config, step } = opened;
  checkDrawable(path, config);
  const { labelNc, inputNc } = config;
  const inputChannels = labelNc > 0 ? 1 : inputNc;
  const taken = { labelNc, inputChannels, needsInstances: usesBoundary(config), backwards: direction === 'BtoA' };
  const { gallery, size, inputs } = await beginningOf(taken, config, { ...options, maxSide });
  // That of an earlier site would be taken for this one's.
  rmSync(join(out, 'encoder.onnx'), { force: true });
  const written = new Map<string, Uint8Array>();
  const write = (file: string, bytes: Uint8Array) => {
    makeFolder(dirname(join(out, file)));
    writeFileAtomic(join(out, file), bytes);
    written.set(file, bytes);
  };
  write('generator.onnx', generator);
  if (encoder !== undefined) write('encoder.onnx', encoder);
  const drawings = [];
  for (const [item, drawing] of gallery.names.entries()) {
    const { bytes, width, height } = await gallery.read(item);
    const file = `drawings/${item}.bin`;
    write(file, bytes);
    drawings.push({ name: drawing, file, width, height });
  }
  const described = (file: string, bytes: Uint8Array) => ({ file, bytes: bytes.length, sha256: sha256(bytes) });
  const site = {
    version: 1,
    name,
    model: described('generator.onnx', generator),
    encoder: encoder === undefined ? null : described('encoder.onnx', encoder),
    inputs,
    size,
    gallery: drawings,
  };
  write('site.json', Buffer.from(JSON.stringify(site)));
  const worker = page.get('sw.js')!;
  for (const [file, bytes] of page) if (file !== 'sw.js') write(file === 'site.html' ? 'index.html' : file, bytes);
  const files = Object.fromEntries([...written].map(([file, bytes]) => [file, sha256(bytes)]));
  const version = sha256(Buffer.from(JSON.stringify(files)));
  write('sw.js', Buffer.from(`const SITE = ${JSON.stringify({ version, files })};\n${worker}`));
  const bytes = [...written.values()].reduce((sum, { length }) => sum + length, 0);
  return { files: [...written.keys()].map(file => join(out, file)), step, bytes };
}

/** The files of the built page, by their paths. @throws UserError where it is not there. */
function builtPage(folder: string): ReadonlyMap<string, Buffer> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    const files = new Map(
      entries.map(entry => {
        const path = join(entry.parentPath, entry.name);
        return [relative(folder, path).replaceAll('\\', '/'), readFileSync(path)];
      }),
    );
    if (!files.has('site.html') || !files.has('sw.js')) throw new Error('no site.html');
    return files;
  } catch (cause) {
    throw new UserError(
      {
        code: 'NOT_INSTALLED',
        doing: 'exporting a page',
        where: folder,
        found: 'the page is not there',
        expected: 'the built page of @pix2pixhd/editor',
        remedy: 'npm run setup builds it in a checkout; elsewhere, install @pix2pixhd/editor again',
      },
      { cause },
    );
  }
}

/** @throws UserError where a person cannot draw what the network takes, or a page cannot show what it makes. */
function checkDrawable(path: string, config: TrainConfig): void {
  const { labelNc, inputs, inputNc, inputRange, outputNc } = config;
  const images = usesImages(config);
  const found =
    inputs !== null
      ? `a network of several inputs (--inputs ${inputs})`
      : images && ![1, 3].includes(inputNc)
        ? `a network whose inputs have ${inputNc} channels`
        : images &&
            labelNc === 0 &&
            typeof parseRange(inputRange) === 'string' &&
            !['full', 'auto'].includes(inputRange)
          ? `a network whose inputs have a range of their own each (--input-range ${inputRange})`
          : ![1, 3].includes(outputNc)
            ? `a network that makes ${outputNc} channels`
            : undefined;
  if (found === undefined) return;
  throw new UserError({
    code: 'NOT_EXPORTABLE',
    doing: 'exporting a page',
    where: path,
    found,
    expected: 'label maps, or images of one or three channels in one range, and results of one or three channels',
    remedy: 'give --format onnx, and run the file by ONNX Runtime (docs/onnx.md)',
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
