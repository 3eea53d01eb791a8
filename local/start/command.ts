import type { Print } from '../../tools/terminal.ts';
import type { LocalStack } from '../stack.ts';
import type { OutcomeLog } from './outcome-log.ts';

/** The running service, as commands of the desk use it. */
export interface Desk {
  readonly stack: LocalStack;
  /** The address of the HTTP API. */
  readonly url: string;
  readonly log: Pick<OutcomeLog, 'follow'>;
}

/** Executes one command. Returns its exit code. @throws UsageError when its arguments are wrong */
export type Command = (args: string[], desk: Desk, print: Print) => number | Promise<number>;
