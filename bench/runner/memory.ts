import { readFileSync } from 'node:fs';

/**
 * Returns this process's peak resident memory, in bytes. Linux reports it as `VmHWM`. The fallback
 * `maxRSS` is less exact, because it starts from the parent's memory at the time of the spawn.
 */
export function peakMemory(): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024;
}
