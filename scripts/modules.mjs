/**
 * The modules of each package and what each may import: `module: ['other modules', 'npm packages and Node's modules']`.
 *
 * A module is a folder or a file of the sources, and may always import from itself; of two rows that fit a file the longer
 * name counts. `type:config` allows `import type` alone. `index.ts` and `internal.ts` re-export and may import anything.
 * `npm run lint` and `npm test` hold the sources against this table (check-imports.mjs), and name what it allows
 * needlessly. `node scripts/check-imports.mjs print` prints the table as the sources are.
 */
export const modules = {
  'packages/torch/src': {
    'dtype.ts': ['', ''],
    'scope.ts': ['', ''],
    'elements.ts': ['type:dtype.ts', ''],
    'binding.ts': ['', 'node:fs node:module node:path node:url'],
    'processors.ts': ['', 'node:fs node:os'],
    'runtime.ts': ['binding.ts', 'node:fs'],
    'cuda-graph.ts': ['binding.ts runtime.ts', ''],
    'tensor.ts': ['binding.ts dtype.ts elements.ts scope.ts', ''],
    'random.ts': ['binding.ts tensor.ts', ''],
    'autograd.ts': ['binding.ts tensor.ts', ''],
    ops: ['binding.ts type:dtype.ts random.ts tensor.ts', ''],
    'upload.ts': ['type:dtype.ts ops tensor.ts', ''],
    profile: ['binding.ts', ''],
    nn: ['autograd.ts type:dtype.ts ops type:random.ts scope.ts tensor.ts', ''],
    optim: ['autograd.ts type:nn ops scope.ts type:tensor.ts', ''],
    serialize: ['dtype.ts', 'node:crypto node:fs node:path node:zlib'],
  },

  'packages/pix2pixhd/src': {
    'printable.ts': ['', ''],
    'shell-word.ts': ['', ''],
    'errors.ts': ['printable.ts', ''],
    output: ['errors.ts', 'crc-32 node:fs node:path torch/atomic-write'],
    config: ['errors.ts', 'zod'],

    'data/random.ts': ['', ''],
    data: [
      'errors.ts output shell-word.ts',
      'crc-32 image-size node:crypto node:fs node:fs/promises node:os node:path node:worker_threads sharp torch/npy',
    ],
    conditioning: ['data', 'torch'],

    networks: ['styles', 'torch'],
    'networks/build.ts': ['type:config networks', 'torch'],
    'networks/sizes.ts': ['type:config errors.ts', ''],
    losses: ['type:networks', 'torch'],
    pretrained: ['errors.ts networks', 'node:fs node:os node:path torch torch/download'],
    compute: ['type:conditioning type:config errors.ts', 'torch'],
    memory: ['compute type:config losses networks training', 'torch'],

    checkpoint: ['config type:data errors.ts shell-word.ts', 'node:fs node:path torch torch/atomic-write'],
    inference: [
      'checkpoint compute conditioning type:config data errors.ts networks output type:styles',
      'node:fs node:path sharp torch',
    ],
    styles: ['checkpoint data errors.ts inference output report', 'ml-kmeans node:fs node:path sharp torch zod'],

    'training/schedule.ts': ['type:config', ''],
    'training/image-pool.ts': ['', 'torch'],
    'training/warm-start.ts': ['', 'torch'],
    'training/ema.ts': ['', 'torch'],
    'training/step.ts': ['', 'torch'],
    'training/recorded-step.ts': ['training/step.ts', 'torch'],
    training: ['checkpoint compute conditioning config data inference losses networks', 'torch'],
    'run/health': ['evaluation type:losses', ''],
    run: [
      'checkpoint compute config data errors.ts evaluation type:inference losses memory networks output pretrained report training',
      'node:crypto node:fs node:os node:path node:timers/promises torch torch/atomic-write',
    ],

    evaluation: ['', ''],
    report: ['type:evaluation', 'node:fs node:module opentype.js sharp'],
    'report/tensorboard': ['', 'crc-32/crc32c.js node:fs node:os node:path protobufjs/light.js'],
    interop: [
      'checkpoint config data errors.ts networks output run styles',
      'node:fs node:path torch torch/atomic-write',
    ],
    cli: [
      'checkpoint compute config data errors.ts inference interop networks output printable.ts report run styles training',
      'node:fs node:path node:timers/promises sharp torch/atomic-write',
    ],
  },

  'packages/demo/src': {
    'concurrently.ts': ['', 'node:os'],
    colours: ['', 'ml-kmeans'],
    emoji: ['concurrently.ts', 'node:crypto node:fs node:fs/promises node:module node:path sharp'],
    dataset: [
      'colours concurrently.ts emoji',
      'node:fs node:fs/promises node:path pix2pixhd pix2pixhd/internal sharp torch/atomic-write',
    ],
    'variants.ts': ['dataset type:emoji', 'pix2pixhd pix2pixhd/internal'],
    'schedule.ts': ['', 'pix2pixhd pix2pixhd/internal'],
    'runs.ts': ['schedule.ts type:variants.ts', 'node:fs node:path pix2pixhd pix2pixhd/internal'],
    'held-out.ts': ['', 'pix2pixhd/internal'],
    'demo-page.ts': ['', 'pix2pixhd/internal'],
    'evaluate.ts': [
      'demo-page.ts emoji held-out.ts type:variants.ts',
      'node:path pix2pixhd pix2pixhd/internal sharp torch/atomic-write',
    ],
    'command.ts': ['evaluate.ts runs.ts variants.ts', 'node:fs node:path pix2pixhd/internal'],
  },
};

/** Circles that are still there. One that is gone is named too, so that the list can only become shorter. */
export const knownCircles = {
  'packages/pix2pixhd/src': [
    'run/checkpointer.ts → run/loop.ts → run/checkpointer.ts',
    'inference → styles → inference',
    'networks → styles → inference → networks',
  ],
};

/** Longer names of what the second column calls by a shorter one. */
export const shortNames = {
  '@pix2pixhd/torch': 'torch',
  '@pix2pixhd/torch/atomic-write': 'torch/atomic-write',
  '@pix2pixhd/torch/download': 'torch/download',
  '@pix2pixhd/torch/npy': 'torch/npy',
};
