/**
 * File formats for tensors. They work on {@link TensorData}, bytes in memory; none needs libtorch.
 */

export { type WriterFileSystem, writeFileAtomic } from './atomic-write.js';
export { FileFormatError } from './file-format-error.js';
export { readNpy, writeNpy } from './npy.js';
export { readNpyDict } from './npy-dict.js';
export { readPth, readStateDict, writePth } from './pth.js';
export { isTensorData, type PthValue } from './pth-value.js';
export { readSafetensors, type SafetensorsContent, withSafetensors, writeSafetensors } from './safetensors.js';
