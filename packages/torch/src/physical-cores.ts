/**
 * The CPUs that this process may compute on, as Linux tells them. Depends on Node only.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Physical cores this process may use: hyper-threads add nothing to convolutions, and more threads than a container's
 * share of CPUs stand in each other's way. Falls back to logical CPUs.
 */
export function physicalCores(): number {
  return Math.max(1, Math.min(coresAllowed(), cpuQuota()));
}

/** The cores of the CPUs that the scheduler may put this process on. */
function coresAllowed(): number {
  try {
    const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
    const cores = new Set<string>();
    for (const cpu of parseCpuList(allowed)) {
      const read = (file: string) => readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/${file}`, 'utf8');
      cores.add(`${read('physical_package_id')}:${read('core_id')}`);
    }
    return cores.size;
  } catch {
    return availableParallelism();
  }
}

/** Linux's notation of a set of CPUs, `0-2,5`, as numbers. */
export function parseCpuList(list: string): number[] {
  return list.split(',').flatMap(range => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** CPUs' worth of time that the control group grants (cgroup v2, as `docker --cpus` sets it); infinity for all. */
function cpuQuota(): number {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ').map(Number);
    return quota! > 0 ? Math.ceil(quota! / period!) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
