/**
 * Exporting a checkpoint in the format that is asked for; the command and programs do the same. Depends on interop and onnx.
 */

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { Checkpoint } from '../checkpoint/checkpoint.js';
import type { exportSchema } from '../config/commands/export.js';
import { UsageError, UserError } from '../errors.js';
import { exportPth, exportSafetensors } from '../interop/export.js';
import { generatorConfig, isExported } from '../interop/open-generator.js';
import { exportOnnx } from '../onnx/export-files.js';
import type { WeightStorage } from '../onnx/weights.js';
import { exportSite } from '../site/export-site.js';

type Options = z.output<typeof exportSchema>;

/** What was written. */
export interface ExportedFiles {
  readonly files: readonly string[];
  readonly step: number;
  /** The EMA of the weights was exported. */
  readonly averaged: boolean;
  /** Sentences about what the format cannot say. */
  readonly notices: readonly string[];
}

/** The precisions of each format; the first is for what has no choice. */
const precisions = {
  pth: ['fp32'],
  safetensors: ['fp32', 'bf16', 'fp16'],
  onnx: ['fp32', 'fp16', 'int8'],
  page: ['fp32', 'fp16', 'int8'],
} as const satisfies Record<Options['format'], readonly Options['precision'][]>;

/**
 * Exports a checkpoint, or an exported generator in another format.
 *
 * @throws UsageError where the format has no such precision; UserError where the file is damaged, cannot be exported so, or a file
 *   exists already.
 */
export function exportCheckpoint(path: string, options: Options): ExportedFiles {
  const { format, precision, live } = options;
  checkBelongs(options);
  checkPrecision(options);
  const config = generatorConfig(path);
  const averaged = config.ema > 0 && !live;
  if (format === 'page') throw madeElsewhere();
  if (format === 'onnx')
    return { ...exportOnnx(path, { ...options, storage: storageOf(precision) }), averaged, notices: [] };
  if (isExported(path)) throw onlyGenerator(path, format);
  const checkpoint = Checkpoint.read(path, 'networks');
  const files =
    format === 'pth'
      ? exportPth(checkpoint, options)
      : exportSafetensors(checkpoint, { ...options, precision: precision as 'fp32' | 'bf16' | 'fp16' });
  const notices =
    format === 'pth' && config.ganMode === 'hinge'
      ? ['the public code has no hinge loss; its options name least squares']
      : [];
  return { files, step: checkpoint.state.step, averaged, notices };
}

/**
 * Exports a checkpoint, or an exported generator, as a page.
 *
 * @throws UsageError where pages have no such precision; UserError as `exportSite`.
 */
export async function exportAsPage(path: string, options: Options): Promise<ExportedFiles> {
  checkBelongs(options);
  checkPrecision(options);
  const config = generatorConfig(path);
  const { files, step, bytes } = await exportSite(path, {
    ...options,
    storage: storageOf(options.precision),
    name: options.title ?? options.name ?? config.name,
    own: null,
    page: join(dirname(fileURLToPath(import.meta.resolve('@pix2pixhd/editor/package.json'))), 'dist', 'site'),
  });
  const notices = [`${(bytes / 1e6).toFixed(1)} MB in all; it works from any static host, over HTTPS or on localhost`];
  return { files, step, averaged: config.ema > 0 && !options.live, notices };
}

/** What {@link checkPrecision} has let through. */
function storageOf(precision: Options['precision']): WeightStorage {
  return precision as WeightStorage;
}

function madeElsewhere(): UsageError {
  return new UsageError({
    code: 'BAD_OPTION',
    doing: 'exporting a generator',
    where: 'format',
    found: 'page',
    expected: 'pth, safetensors or onnx',
    remedy: 'exportPage makes pages',
  });
}

/** Options that another format has, and would ignore. */
function checkBelongs({ format, title, dataroot, direction, licence }: Options): void {
  const ofPage = { '--title': title !== null, '--dataroot': dataroot !== null, '--direction': direction !== 'AtoB' };
  const strange = [
    ...(format === 'page' ? [] : Object.entries(ofPage).flatMap(([flag, given]) => (given ? [flag] : []))),
    ...(licence !== null && (format === 'pth' || format === 'safetensors') ? ['--licence'] : []),
  ];
  if (strange.length === 0) return;
  throw new UsageError({
    code: 'OPTION_CONFLICT',
    doing: 'exporting a generator',
    where: strange.join(', '),
    found: `--format ${format}, which has no such thing`,
    expected: strange.includes('--licence') ? '--format onnx or page' : '--format page',
    remedy: 'leave it out, or give another --format',
  });
}

function checkPrecision({ format, precision }: Options): void {
  const allowed: readonly string[] = precisions[format];
  if (allowed.includes(precision)) return;
  throw new UsageError({
    code: 'BAD_OPTION',
    doing: 'exporting a generator',
    where: '--precision',
    found: `${precision}, with --format ${format}`,
    expected: allowed.length === 1 ? allowed[0]! : `one of ${allowed.join(', ')}`,
    remedy: 'give another --precision, or leave it out',
  });
}

function onlyGenerator(path: string, format: string): UserError {
  return new UserError({
    code: 'NOT_EXPORTABLE',
    doing: `exporting as ${format}`,
    where: path,
    found: 'an exported generator, which has neither a discriminator nor a state to train on from',
    expected: 'the checkpoint of a run',
    remedy: 'give --name, the run that it was exported from, or --format onnx or page',
  });
}
