import { arch, cpus, platform } from 'node:os';

/** The machine of a measurement, as the reports show it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown CPU',
    cores: processors.length,
    system: `${platform()} ${arch()}`,
    node: process.version,
  };
}
