/**
 * The process: CPU threads, denormals, pages, devices. Depends on the binding and Node.
 */
import { readFileSync } from 'node:fs';
import { binding } from './binding.js';

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

/**
 * Keeps freed pages for the next tensors instead of returning them to the system: large tensors are put together of them,
 * so that the process grows to what lives at one time and nothing is zeroed twice. False off Linux.
 */
export function keepPages(): boolean {
  return binding.keepPages();
}

/** Gives the pages kept back to the system now, after something that took more memory than what follows. */
export function releasePages(): void {
  binding.releasePages();
}

/** CUDA devices that this libtorch can use: `cuda:0` to `cuda:N-1`. 0 without a GPU, a driver or a build for CUDA. */
export function cudaDeviceCount(): number {
  return binding.cudaDeviceCount();
}

/** Whether an operator can run on a CUDA device here. */
export function cudaAvailable(): boolean {
  return cudaDeviceCount() > 0;
}

/** Whether a CUDA device convolves in bfloat16: Ampere and newer, with a libtorch that uses it. False without CUDA. */
export function cudaHasBfloat16(device: string): boolean {
  return binding.cudaHasBfloat16(device);
}

/**
 * Whether cuDNN times its algorithms whenever a convolution of a new shape comes, and keeps the fastest: pays where shapes
 * come again and again. Nothing without CUDA. Set it before the first convolution: libtorch 2 keeps an algorithm that was
 * chosen without timing. Returns what is set.
 */
export function setCudnnBenchmark(on: boolean): boolean {
  return binding.setCudnnBenchmark(on);
}

/** Whether a GPU may round float32 factors to TF32 (10 bits in place of 23). libtorch starts with yes for convolutions. */
export function setTf32(on: boolean): void {
  binding.setTf32(on);
}

/** The linked libtorch's version. */
export function version(): string {
  return binding.version();
}

/** Whether the CPU multiplies bfloat16 itself (AVX-512 BF16 or AMX); without it bf16 is slower than fp32. */
export function cpuHasBfloat16(): boolean {
  try {
    return /\b(avx512_bf16|amx_bf16)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}
