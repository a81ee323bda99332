/**
 * The runs whose memory is measured: sizes and options, and the names they have in docs/memory.md. Depends on nothing.
 */

/** A run of `pix2pixhd train`. */
export interface MemoryRow {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Of the command line; `VGG` stands for a file of weights. */
  readonly options: readonly string[];
}

const small = '--batch-size 4 --ngf 32 --n-downsample-global 3 --n-blocks-global 6 --ndf 32';

/** Networks by size, and what else takes memory. */
const networks = [
  { name: 'small 256×128', width: 256, height: 128, options: small },
  { name: '512×256', width: 512, height: 256, options: '' },
  { name: '1024×512', width: 1024, height: 512, options: '' },
  { name: '512×256, encoder', width: 512, height: 256, options: '--instance-feat' },
  { name: '512×256, perceptual loss', width: 512, height: 256, options: '--vgg-loss --vgg-weights VGG' },
  { name: '512×256, EMA', width: 512, height: 256, options: '--ema 0.999' },
  { name: '1024×512, enhancer', width: 1024, height: 512, options: '--netG local --ngf 32 --num-D 3' },
];

const variants = [
  { name: 'bf16', options: '--precision bf16' },
  { name: 'bf16, checkpointing', options: '--precision bf16 --checkpointing' },
  { name: 'fp32', options: '--precision fp32' },
  { name: 'fp32, checkpointing', options: '--precision fp32 --checkpointing' },
];

/** All rows: every network in both precisions, with gradient checkpointing and without. */
export const memoryRows: readonly MemoryRow[] = networks.flatMap(network =>
  variants.map(variant => ({
    ...network,
    name: `${network.name}, ${variant.name}`,
    options: `${network.options} ${variant.options}`.split(' ').filter(Boolean),
  })),
);
