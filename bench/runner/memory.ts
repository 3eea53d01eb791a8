import { readFileSync } from 'node:fs';

/**
 * The most memory this process has had resident, in bytes. Linux tells it of the program itself; the `maxRSS` of a
 * process begins with what its parent had when it started it, so it serves only where there is nothing else.
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
