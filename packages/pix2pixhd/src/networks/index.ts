/** The networks of the paper and of its baselines. */
export * from './blocks.js';
export * from './discriminator.js';
export * from './encoder.js';
export * from './global-generator.js';
export * from './init-weights.js';
export * from './local-enhancer.js';
export * from './multiscale-discriminator.js';
export * from './patch-discriminator.js';
export * from './unet.js';
export * from './vgg19.js';
