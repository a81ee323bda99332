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
    'errors.ts': ['', ''],
    'dtype.ts': ['', ''],
    'tensor-options.ts': ['type:dtype.ts', ''],
    'physical-cores.ts': ['', 'node:fs node:os'],
    'binding.ts': ['errors.ts', 'node:fs node:module node:path node:url'],
    'native-errors.ts': ['binding.ts errors.ts', ''],
    'meta.ts': ['binding.ts', ''],
    'elements.ts': ['type:dtype.ts errors.ts', ''],
    'scope.ts': ['errors.ts', ''],
    'runtime.ts': ['binding.ts', 'node:fs'],
    'tensor.ts': ['binding.ts dtype.ts errors.ts native-errors.ts scope.ts', ''],
    'promotion.ts': ['type:dtype.ts type:tensor.ts', ''],
    'random.ts': ['binding.ts tensor.ts', ''],
    'autograd.ts': ['binding.ts tensor.ts', ''],
    'cuda-graph.ts': ['binding.ts errors.ts runtime.ts', ''],
    ops: ['binding.ts dtype.ts errors.ts type:promotion.ts random.ts type:tensor-options.ts tensor.ts', ''],
    'from-values.ts': ['binding.ts type:dtype.ts elements.ts errors.ts ops type:tensor-options.ts tensor.ts', ''],
    profile: ['binding.ts errors.ts', ''],
    nn: [
      'autograd.ts type:dtype.ts errors.ts from-values.ts ops type:random.ts scope.ts type:tensor-options.ts tensor.ts',
      '',
    ],
    optim: ['autograd.ts errors.ts type:nn ops scope.ts type:tensor.ts', ''],
    serialize: ['dtype.ts errors.ts', 'crc-32 node:crypto node:fs node:path node:zlib'],
  },
  'packages/pix2pixhd/src': {
    // Values and text
    'printable.ts': ['', ''],
    'shell-word.ts': ['', ''],
    'duration.ts': ['', ''],
    'failure.ts': ['errors.ts', ''],
    'concurrently.ts': ['', 'node:os'],
    'raster.ts': ['', ''],
    'sharp-image.ts': ['type:raster.ts', 'sharp'],
    'png.ts': ['', 'crc-32'],
    'errors.ts': ['printable.ts', ''],
    // Options
    'data/labels/values.ts': ['type:raster.ts', 'web/scene'],
    config: ['data/labels/values.ts data/values/range.ts errors.ts', 'zod'],
    'config/inputs.ts': ['type:config', ''],
    // Files in
    'data/random.ts': ['', 'web/scene'],
    'data/files': ['errors.ts png.ts type:raster.ts', 'node:fs node:fs/promises sharp torch/npy'],
    'data/labels': ['errors.ts type:raster.ts', 'node:fs node:path'],
    'data/resize': ['raster.ts', ''],
    'data/find': ['data/files errors.ts shell-word.ts', 'image-size node:fs node:path'],
    'data/values/range.ts': ['', ''],
    'data/validate': [
      'data/files data/labels data/values/range.ts errors.ts type:raster.ts shell-word.ts',
      'node:path',
    ],
    'data/values': ['data/validate type:raster.ts', ''],
    'data/decode': ['data/files data/validate data/values data/values/range.ts errors.ts raster.ts', 'torch/npy'],
    'data/survey': ['concurrently.ts data/decode data/files data/validate data/values type:raster.ts', ''],
    'data/load': [
      'data/decode data/files data/find data/labels data/random.ts data/resize data/validate type:data/values/range.ts errors.ts failure.ts output raster.ts',
      'node:crypto node:fs node:os node:path node:worker_threads',
    ],
    'data/check': [
      'concurrently.ts data/decode data/files data/find data/labels data/survey data/validate data/values/range.ts errors.ts',
      '',
    ],
    'data/dataset-file.ts': ['errors.ts', 'node:fs node:path zod'],
    // Raw material to data sets
    'prepare/polygons': [
      'data/files data/find data/labels errors.ts type:raster.ts',
      '@thi.ng/rle-pack node:fs node:fs/promises node:path sax yaml',
    ],
    'prepare/labels': ['data errors.ts type:raster.ts', 'csv-parse/sync node:fs node:path zod'],
    'prepare/alignment': ['data/resize errors.ts prepare/polygons raster.ts', 'node:fs yaml'],
    prepare: [
      'concurrently.ts data errors.ts failure.ts output raster.ts report sharp-image.ts shell-word.ts video',
      'node:child_process node:crypto node:fs node:os node:path node:timers/promises node:util node:worker_threads torch/atomic-write',
    ],
    // Files out
    output: ['errors.ts png.ts raster.ts sharp-image.ts', 'node:crypto node:fs node:path node:zlib torch/atomic-write'],
    // What the networks are told, the networks, what is minimised
    conditioning: ['data', 'torch'],
    networks: ['', 'torch'],
    'config/direction.ts': ['type:config', ''],
    'networks/build.ts': ['type:config config/direction.ts config/inputs.ts networks', 'torch'],
    'networks/sizes.ts': ['type:config errors.ts', ''],
    losses: ['type:networks', 'torch'],
    pretrained: ['errors.ts networks', '@pix2pixhd/torch/download node:fs node:os node:path torch'],
    // Where and how to compute
    compute: ['type:conditioning type:config errors.ts', 'torch'],
    memory: ['checkpoint/network-names.ts compute type:config config/inputs.ts losses networks training', 'torch'],
    // Training
    'training/schedule.ts': ['type:config type:training/position.ts', ''],
    'training/position.ts': ['', ''],
    'training/image-pool.ts': ['', 'torch'],
    'training/warm-start.ts': ['checkpoint/network-names.ts', 'torch'],
    'training/ema.ts': ['', 'torch'],
    'training/step.ts': ['', 'torch'],
    'training/recorded-step.ts': ['type:training training/step.ts', 'torch'],
    training: ['checkpoint compute conditioning config data inference losses networks', 'torch'],
    // Weights on disk, generating
    'checkpoint/network-names.ts': ['', ''],
    checkpoint: ['config type:data errors.ts shell-word.ts', 'node:fs node:path torch torch/atomic-write'],
    inference: [
      'checkpoint compute conditioning type:config config/direction.ts data errors.ts networks output raster.ts sharp-image.ts',
      'node:fs node:path sharp torch torch/npy',
    ],
    // Videos and live frames
    video: [
      'data/files errors.ts output type:raster.ts',
      'node:child_process node:events node:fs node:path node:stream node:util torch/atomic-write',
    ],
    styles: ['data', 'ml-kmeans'],
    'styles/files': ['checkpoint errors.ts output', 'node:fs node:path torch web/scene'],
    'styles/build': ['conditioning data errors.ts type:inference styles type:styles/files', 'sharp torch web/scene'],
    'styles/apply': ['conditioning type:data errors.ts inference styles styles/files', 'node:path web/scene'],
    'styles/page': ['data type:inference raster.ts report sharp-image.ts styles type:styles/build', 'web/scene'],
    interop: [
      'checkpoint compute config data errors.ts inference networks output run styles styles/files',
      'node:fs node:path torch torch/atomic-write web/scene',
    ],
    onnx: [
      'compute config data errors.ts inference interop networks shell-word.ts',
      'node:fs node:path protobufjs/light.js torch torch/atomic-write web/scene',
    ],
    // A page without a server
    site: [
      'config data/values/range.ts drawings errors.ts interop networks onnx output',
      'node:crypto node:fs node:path torch/atomic-write',
    ],
    // Figures, and how sure they are
    statistics: ['data/random.ts', ''],
    evaluation: ['type:raster.ts', ''],
    'evaluation/features': ['data evaluation pretrained statistics', 'torch'],
    // Segmenters, and scores by them
    segmentation: [
      'compute concurrently.ts conditioning config data errors.ts inference raster.ts statistics',
      'node:fs node:module node:path node:timers/promises torch zod',
    ],
    // The running of a training
    report: ['data/labels duration.ts type:raster.ts sharp-image.ts', 'node:fs node:module opentype.js sharp'],
    'report/tensorboard': ['', 'crc-32/crc32c.js node:fs node:os node:path protobufjs/light.js'],
    'run/health': ['type:config evaluation type:losses type:raster.ts', ''],
    run: [
      'checkpoint compute conditioning config data duration.ts errors.ts evaluation type:inference losses memory networks output pretrained raster.ts report sharp-image.ts training',
      'node:crypto node:fs node:os node:path node:timers/promises torch torch/atomic-write',
    ],
    // Images that people compare
    study: [
      'concurrently.ts data errors.ts output prepare/read-to-show.ts type:raster.ts report sharp-image.ts statistics',
      'node:crypto node:fs node:path node:util torch/atomic-write zod',
    ],
    // Judging results
    'judge/registry.ts': ['type:config evaluation', ''],
    judge: [
      'concurrently.ts data errors.ts evaluation failure.ts raster.ts statistics',
      'node:crypto node:fs node:os node:path node:readline node:worker_threads',
    ],
    'judge/segmentation': ['errors.ts evaluation judge type:raster.ts segmentation statistics', 'node:timers/promises'],
    'judge/page': ['data errors.ts evaluation judge type:raster.ts report sharp-image.ts statistics', ''],
    'judge/by-options': [
      'checkpoint compute conditioning config data errors.ts type:evaluation inference interop judge output pretrained segmentation shell-word.ts styles',
      'node:crypto node:fs node:path torch/atomic-write',
    ],
    // Several trainings under an equal budget
    compare: [
      'api/given-options.ts concurrently.ts config data duration.ts errors.ts judge judge/by-options judge/page output pretrained report run shell-word.ts statistics',
      'node:child_process node:crypto node:events node:fs node:path node:readline node:url torch torch/atomic-write zod',
    ],
    // The doors
    'networks.ts': ['conditioning losses networks pretrained training', ''],
    api: [
      'checkpoint compute conditioning config data errors.ts failure.ts inference interop judge networks onnx output prepare raster.ts run sharp-image.ts site styles',
      'node:fs node:path node:timers/promises node:url node:worker_threads sharp torch torch/atomic-write web/scene zod',
    ],
    'server/study-server.ts': [
      'errors.ts server study',
      '@pix2pixhd/study/protocol fastify node:crypto node:fs/promises node:http node:path',
    ],
    // Drawings to begin with
    drawings: [
      'type:config data errors.ts type:raster.ts',
      '@pix2pixhd/editor/protocol @pix2pixhd/editor/session node:fs',
    ],
    server: [
      'type:api data errors.ts',
      '@pix2pixhd/editor/protocol @pix2pixhd/editor/session fastify node:crypto node:fs node:http node:net node:path node:stream ws',
    ],
    'cli/serving.ts': ['errors.ts server', 'node:os node:path node:url'],
    'cli/study-create.ts': [
      'cli config errors.ts judge/result-files.ts printable.ts shell-word.ts study',
      'node:crypto node:fs node:path',
    ],
    'cli/study-serve.ts': ['cli config errors.ts run server study', ''],
    'cli/study-results.ts': ['cli config shell-word.ts study', 'node:path torch/atomic-write'],
    'cli/open-for-frames.ts': ['api cli type:config config errors.ts inference interop', ''],
    'cli/generate-video.ts': ['type:api cli type:config data/find errors.ts output printable.ts video', 'node:path'],
    'cli/generate-live.ts': ['type:api cli type:config errors.ts video', 'node:stream'],
    'cli/export.ts': ['api cli config', ''],
    'cli/evaluation-text.ts': ['evaluation judge judge/page report', ''],
    'cli/evaluate.ts': ['cli compute config judge/by-options', ''],
    'cli/compare.ts': ['cli compare compute config', ''],
    'cli/edit.ts': [
      'api cli config drawings errors.ts interop server',
      '@pix2pixhd/editor/session node:crypto node:fs node:path',
    ],
    cli: [
      'checkpoint compute config data duration.ts errors.ts inference interop networks output prepare printable.ts report run segmentation shell-word.ts styles training video',
      'node:fs node:path node:timers/promises sharp torch/atomic-write web/scene',
    ],
  },
  'packages/editor/src': {
    // What is drawn; no page, no network
    document: ['', ''],
    tools: ['document', ''],
    project: ['document protocol/values.ts', 'fast-png zod/mini'],
    'protocol/values.ts': ['', ''],
    // What page and server say
    protocol: ['type:document', 'zod/mini'],
    // What a page is spoken with for a generator
    session: ['type:document protocol', ''],
    engine: ['type:document protocol', ''],
    // The page that renders by itself
    site: ['engine page protocol session', '@pix2pixhd/web zod/mini'],
    page: [
      'document engine project protocol tools',
      '@fontsource/figtree/400.css @fontsource/figtree/600.css @preact/signals preact preact/hooks',
    ],
  },
  'packages/study/src': {
    // What page and server say
    protocol: ['', 'zod/mini'],
    page: ['protocol', '@fontsource/figtree/400.css @fontsource/figtree/600.css preact preact/hooks'],
  },
  'packages/web/src': {
    // What every program that generates shares
    scene: ['', ''],
    'errors.ts': ['', ''],
    // The file, and how it gets here
    model: ['errors.ts scene', ''],
    download: ['errors.ts', ''],
    // What programs give; `#platform` is Node or a browser, `#runtime` finds ONNX Runtime there
    input: ['download errors.ts type:model scene', '#platform fast-png'],
    platform: ['errors.ts type:input', 'node:fs/promises node:path node:url sharp'],
    runtime: ['errors.ts', '#runtime onnxruntime-web onnxruntime-web/wasm onnxruntime-web/webgpu'],
    // What computes, here or in a worker
    engine: ['download errors.ts type:input model runtime scene', '#platform'],
    'platform/worker.ts': ['engine errors.ts', '#runtime'],
    // The door
    api: ['download engine errors.ts input type:model type:runtime scene', '#platform'],
  },
  'packages/demo/src': {
    colours: ['', 'ml-kmeans'],
    emoji: ['', 'node:crypto node:fs node:fs/promises node:module node:path pix2pixhd/internal sharp'],
    dataset: [
      'colours emoji',
      'node:fs node:fs/promises node:path pix2pixhd pix2pixhd/internal sharp torch/atomic-write',
    ],
    'variants.ts': ['dataset type:emoji', 'pix2pixhd pix2pixhd/internal'],
    'schedule.ts': ['', 'pix2pixhd pix2pixhd/internal'],
    'runs.ts': ['schedule.ts type:variants.ts', 'node:fs node:path pix2pixhd pix2pixhd/internal'],
    'held-out.ts': ['', 'pix2pixhd/internal'],
    'demo-page.ts': ['', 'pix2pixhd/internal'],
    'evaluate.ts': [
      'demo-page.ts emoji held-out.ts type:variants.ts',
      'node:path pix2pixhd pix2pixhd/internal torch/atomic-write',
    ],
    'command.ts': ['evaluate.ts runs.ts variants.ts', 'node:fs node:path pix2pixhd/internal'],
  },
};

/** Circles that are still there. One that is gone is named too, so that the list can only become shorter. */
export const knownCircles = {};

/** Longer names of what the second column calls by a shorter one. */
export const shortNames = {
  '@pix2pixhd/torch': 'torch',
  '@pix2pixhd/torch/atomic-write': 'torch/atomic-write',
  '@pix2pixhd/torch/npy': 'torch/npy',
  '@pix2pixhd/web/scene': 'web/scene',
};
