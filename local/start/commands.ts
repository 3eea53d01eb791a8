import { deadLetters } from '../../tools/dead-letters.ts';
import {
  onlyOne,
  type Print,
  parseArguments,
  printable,
  UsageError,
  wholeNumber,
} from '../../tools/terminal.ts';
import { DESK_USAGE } from '../desk.ts';
import { faults } from '../exchange.ts';
import { send } from '../send.ts';
import { cancel, type Desk, kill } from './api-commands.ts';
import { book, place } from './book-commands.ts';

type Command = (args: string[], desk: Desk, print: Print) => number | Promise<number>;

const COMMANDS = new Map<string, Command>([
  ['help', help],
  ['place', place],
  ['book', book],
  ['cancel', cancel],
  ['kill', kill],
  ['send', (args, { stack, follow }, print) => send(ownQueues(args), stack.env, print, follow)],
  ['dead-letters', (args, { stack }, print) => deadLetters(ownQueues(args), stack.env, print)],
  ['redrive', (args, { stack }, print) => deadLetters(redrive(args), stack.env, print)],
  ['fault', fault],
  ['throttle', limit('throttle')],
  ['ban', limit('ban')],
  ['wait', (args, { follow }, print) => follow(onlyOne(args, 'the id of a request or message'), print)],
]);

/** Executes a command, given as words. Returns its exit code. @throws UsageError for a wrong one */
export async function execute(words: string[], desk: Desk, print: Print): Promise<number> {
  const [name = 'help', ...args] = words.includes('--help') ? [] : words;
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`there is no command ${printable(name)}`);
  return command(args, desk, print);
}

function help(_args: string[], _desk: Desk, print: Print): number {
  print(DESK_USAGE);
  return 0;
}

/** Keeps those who reach the desk away from the queues of the user's AWS account. */
function ownQueues(args: string[]): string[] {
  const other = args.find((arg) => /^--(queue-url|to)\b/.test(arg));
  if (other === undefined) return args;
  throw new UsageError(`the desk has queues of its own: leave out ${other}`);
}

const redrive = (args: string[]) => [...ownQueues(args), '--redrive', '--yes'];

const FAULTS = new Map([
  ['lost-answer', faults.reset({ executed: true })],
  ['lost-request', faults.reset()],
  ['hang', faults.hang({ executed: true })],
  ['unknown', faults.unknown503({ executed: true })],
  ['unavailable', faults.unavailable503()],
  ['unreadable-answer', faults.unreadable200({ executed: true })],
  ['no-such-order', faults.unknownOrder()],
  ['keys-locked', faults.keysLocked()],
  ['firewall', faults.firewall()],
]);

function fault(args: string[], { stack: { exchange } }: Desk, print: Print): number {
  const options = { times: { type: 'string', default: '1' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const times = wholeNumber('--times', values.times, 1);
  const names = [...FAULTS.keys(), 'none'].join(', ');
  const name = positionals.length === 0 ? undefined : onlyOne(positionals, names);
  const chosen = FAULTS.get(name ?? '');
  if (name === undefined) print(names);
  else if (name === 'none') exchange.clearScripts();
  else if (chosen !== undefined) exchange.script(chosen, { method: 'DELETE', times });
  else throw new UsageError(`there is no fault ${printable(name)}: give ${names}`);
  return 0;
}

function limit(kind: 'throttle' | 'ban'): Command {
  return (args, { stack }, print) => {
    const seconds = wholeNumber('the duration in seconds', onlyOne(args, 'a number of seconds'), 0);
    stack.exchange[kind](seconds);
    print(`for ${seconds} s; the service waits until the time that the exchange has told it`);
    return 0;
  };
}
