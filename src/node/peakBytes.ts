import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has held, in bytes. Linux counts what the process that started it held then as part of `maxRSS`, which hides what
 * is less; its own status does not.
 */
export function peakBytes(): number {
  const own = /^VmHWM:\s*(\d+) kB$/m.exec(statusOfLinux())?.[1];
  return 1024 * (own === undefined ? process.resourceUsage().maxRSS : Number(own));
}

function statusOfLinux(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1');
  } catch {
    return ''; // another system
  }
}
