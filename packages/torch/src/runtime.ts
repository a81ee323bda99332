/**
 * The process: processor threads, denormals, pages, devices. Depends on the binding and Node.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { binding } from './binding.js';

/** Physical cores this process may use; hyper-threads add nothing to convolutions. Falls back to logical processors. */
export function physicalCores(): number {
  const logical = availableParallelism();
  try {
    const cores = new Set<string>();
    for (let i = 0; i < logical; i++) {
      const folder = `/sys/devices/system/cpu/cpu${i}/topology`;
      cores.add(
        `${readFileSync(`${folder}/physical_package_id`, 'utf8')}:${readFileSync(`${folder}/core_id`, 'utf8')}`,
      );
    }
    return Math.max(1, cores.size);
  } catch {
    return logical;
  }
}

/** Sets the number of threads inside operators. Debian's libtorch starts with one. */
export function setThreads(count: number): void {
  binding.setThreads(count);
}

/** Threads inside operators. */
export function getThreads(): number {
  return binding.getThreads();
}

/** Rounds denormal results to zero on all threads; they cost ten per cent of a bfloat16 step. False if unsupported. */
export function setFlushDenormal(on: boolean): boolean {
  return binding.setFlushDenormal(on);
}

/** Lets the C allocator keep freed pages for the next step instead of returning them (glibc; false elsewhere). */
export function keepPages(): boolean {
  return binding.keepPages();
}

/** Gives unused pages back to the system. */
export function trimPages(): boolean {
  return binding.trimPages();
}

/** Whether an operator can run on a CUDA device here. */
export function cudaAvailable(): boolean {
  return binding.cudaDeviceCount() > 0;
}

/** The linked libtorch's version. */
export function version(): string {
  return binding.version();
}

/** Whether the processor multiplies bfloat16 itself (AVX-512 BF16 or AMX); without it bf16 is slower than fp32. */
export function cpuHasBfloat16(): boolean {
  try {
    return /\b(avx512_bf16|amx_bf16)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}
