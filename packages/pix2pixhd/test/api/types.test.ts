/** The types of the public functions, which a change must not loosen unseen. The compiler checks them: nothing runs. */
import { test } from 'node:test';
import { expectTypeOf } from 'expect-type';
import type { Sharp } from 'sharp';
import type {
  check,
  Encoded,
  Evaluation,
  encode,
  evaluate,
  exportGenerator,
  GeneratedImage,
  GeneratorInfo,
  ImageInput,
  InterruptedPreparation,
  importOfficial,
  LoadedGenerator,
  loadGenerator,
  PreparedDataset,
  PrepareEvent,
  prepare,
  Report,
  RunEvent,
  RunResult,
  StepEvent,
  StyleInput,
  TrainConfig,
  TrainOptions,
  train,
} from '../../src/index.js';

test('types of the public functions', () => {
  // Generating
  expectTypeOf<typeof loadGenerator>().parameter(0).toEqualTypeOf<string | URL>();
  expectTypeOf<typeof loadGenerator>().returns.resolves.toEqualTypeOf<LoadedGenerator>();
  expectTypeOf<{ worker: true; threads: 2; device: 'cuda:1' }>().toExtend<Parameters<typeof loadGenerator>[1]>();
  expectTypeOf<{ device: 'gpu' }>().not.toExtend<Parameters<typeof loadGenerator>[1]>();
  expectTypeOf<LoadedGenerator['generate']>().returns.resolves.toEqualTypeOf<GeneratedImage>();
  expectTypeOf<LoadedGenerator['encodeStyles']>().returns.resolves.toEqualTypeOf<
    ReadonlyMap<number, readonly number[]>
  >();
  expectTypeOf<LoadedGenerator['generateMany']>().returns.toExtend<AsyncIterable<GeneratedImage>>();
  expectTypeOf<LoadedGenerator['info']>().toEqualTypeOf<GeneratorInfo>();
  expectTypeOf<LoadedGenerator>().toExtend<AsyncDisposable>();
  expectTypeOf<string | Buffer | Sharp | { width: 1; height: 1; data: Uint8ClampedArray }>().toExtend<ImageInput>();
  expectTypeOf<number>().not.toExtend<ImageInput>();
  expectTypeOf<
    { seed: 3 } | { cluster: 0 } | { image: 'a.png' } | { choices: 'a.json' } | 'mean'
  >().toExtend<StyleInput>();
  expectTypeOf<'random'>().not.toExtend<StyleInput>();
  expectTypeOf<GeneratedImage['toSharp']>().returns.toEqualTypeOf<Sharp>();
  expectTypeOf<GeneratedImage['toBuffer']>().returns.resolves.toEqualTypeOf<Buffer>();
  expectTypeOf<GeneratedImage['data']>().toEqualTypeOf<Uint8Array>();

  // Training: two options must be given; a run that goes on is known by its name
  expectTypeOf<{ dataroot: string; name: string }>().toExtend<TrainOptions>();
  expectTypeOf<{ name: string; resume: true }>().toExtend<TrainOptions>();
  expectTypeOf<{ name: string }>().not.toExtend<TrainOptions>();
  expectTypeOf<{ dataroot: string; name: string; ngf: string }>().not.toExtend<TrainOptions>();
  expectTypeOf<{ dataroot: string; name: string; netG: 'local'; maxSteps: null }>().toExtend<TrainOptions>();
  expectTypeOf<ReturnType<typeof train>>().toExtend<AsyncIterable<RunEvent>>();
  expectTypeOf<Awaited<ReturnType<typeof train>>>().toEqualTypeOf<RunResult>();
  expectTypeOf<Extract<RunEvent, { type: 'step' }>>().toEqualTypeOf<StepEvent>();
  expectTypeOf<RunEvent['type']>().toEqualTypeOf<
    'start' | 'stage' | 'step' | 'sample' | 'validation' | 'checkpoint' | 'note' | 'end'
  >();
  expectTypeOf<TrainConfig['netG']>().toEqualTypeOf<'global' | 'local' | 'unet'>();

  // The others
  expectTypeOf<{ dataroot: string; labelNc: 35 }>().toExtend<Parameters<typeof check>[0]>();
  expectTypeOf<typeof check>().returns.resolves.toEqualTypeOf<Report>();
  expectTypeOf<{ inputs: string; targets: string; out: string; align: 'rig' }>().toExtend<
    Parameters<typeof prepare>[0]
  >();
  expectTypeOf<{ inputs: string }>().not.toExtend<Parameters<typeof prepare>[0]>();
  expectTypeOf<typeof prepare>().returns.resolves.toEqualTypeOf<PreparedDataset | InterruptedPreparation>();
  expectTypeOf<PrepareEvent['type']>().toEqualTypeOf<'taken' | 'material' | 'note' | 'warning' | 'pair' | 'compared'>();
  expectTypeOf<typeof encode>().returns.resolves.toEqualTypeOf<Encoded>();
  expectTypeOf<{ results: { ours: 'a' }; real: 'b'; metrics: ['psnr', 'fid'] }>().toExtend<
    Parameters<typeof evaluate>[0]
  >();
  expectTypeOf<{ metrics: ['sharpness'] }>().not.toExtend<Parameters<typeof evaluate>[0]>();
  expectTypeOf<typeof evaluate>().returns.resolves.toEqualTypeOf<Evaluation>();
  expectTypeOf<typeof exportGenerator>().returns.toEqualTypeOf<readonly string[]>();
  expectTypeOf<{ from: string; name: string; ngf: 32 }>().toExtend<Parameters<typeof importOfficial>[0]>();
  expectTypeOf<{ from: string }>().not.toExtend<Parameters<typeof importOfficial>[0]>();
});
