import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the other clients unless they are as new as the lockfile.
 *
 * @throws Error when npm fails
 */
export function installContenders(root: string): void {
  const folder = join(root, 'bench');
  const installedAt = modifiedAt(join(folder, 'node_modules/.package-lock.json'));
  if (installedAt >= modifiedAt(join(folder, 'package-lock.json'))) return;
  console.error('Installing the other clients (first run only) …');
  const { status } = spawnSync('npm', ['ci'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('npm ci failed in bench/');
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
