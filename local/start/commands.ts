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
import { cancel, kill } from './api-commands.ts';
import { book, place } from './book-commands.ts';
import type { Command, Desk } from './command.ts';
import type { Run } from './control.ts';

const COMMANDS = new Map<string, Command>([
  ['help', help],
  ['place', place],
  ['book', book],
  ['cancel', cancel],
  ['kill', kill],
  ['send', (args, { stack, log }, print) => send(ownQueues(args), stack.env, print, wait(log))],
  ['dead-letters', (args, { stack }, print) => deadLetters(ownQueues(args), stack.env, print)],
  ['redrive', redrive],
  ['fault', fault],
  ['throttle', (args, { stack }, print) => limit(args, (seconds) => stack.exchange.throttle(seconds), print)],
  ['ban', (args, { stack }, print) => limit(args, (seconds) => stack.exchange.ban(seconds), print)],
  ['wait', (args, { log }, print) => wait(log)(onlyOne(args, 'the id of a request or message'), print)],
]);

/** Returns the function that executes a command of the desk. It throws a UsageError for a wrong one. */
export const commandsOf =
  (desk: Desk): Run =>
  async (words, print) => {
    const [name = 'help', ...args] = words.includes('--help') ? [] : words;
    const command = COMMANDS.get(name);
    if (command === undefined) throw new UsageError(`there is no command ${printable(name)}`);
    return command(args, desk, print);
  };

function help(_args: string[], _desk: Desk, print: Print): number {
  print(DESK_USAGE);
  return 0;
}

const wait = (log: Desk['log']) => async (id: string, print: Print) =>
  (await log.follow(id, print)) ? 0 : 1;

/** Whoever reaches the desk reaches its own queues only, not those of the user's AWS account. */
function ownQueues(args: string[]): string[] {
  const other = args.find((arg) => /^--(queue-url|to)\b/.test(arg));
  if (other === undefined) return args;
  throw new UsageError(`the desk has queues of its own: leave out ${other}`);
}

function redrive(args: string[], { stack }: Desk, print: Print): Promise<number> {
  return deadLetters([...ownQueues(args), '--redrive', '--yes'], stack.env, print);
}

const FAULTS = {
  'lost-answer': faults.reset({ executed: true }),
  'lost-request': faults.reset(),
  hang: faults.hang({ executed: true }),
  unknown: faults.unknown503({ executed: true }),
  unavailable: faults.unavailable503(),
  'unreadable-answer': faults.unreadable200({ executed: true }),
  'no-such-order': faults.unknownOrder(),
  'keys-locked': faults.keysLocked(),
  firewall: faults.firewall(),
};
const isFault = (name: string): name is keyof typeof FAULTS => Object.hasOwn(FAULTS, name);

function fault(args: string[], { stack }: Desk, print: Print): number {
  const options = { times: { type: 'string', default: '1' } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true });
  const times = wholeNumber('--times', values.times, 1);
  const names = [...Object.keys(FAULTS), 'none'].join(', ');
  const name = positionals.length === 0 ? undefined : onlyOne(positionals, 'a fault');
  if (name === undefined) print(names);
  else if (name === 'none') stack.exchange.clearScripts();
  else if (isFault(name)) stack.exchange.script(FAULTS[name], { method: 'DELETE', times });
  else throw new UsageError(`there is no fault ${printable(name)}: give ${names}`);
  return 0;
}

function limit(args: string[], set: (seconds: number) => void, print: Print): number {
  const seconds = wholeNumber('the duration in seconds', onlyOne(args, 'a number of seconds'), 0);
  set(seconds);
  print(`for ${seconds} s; the service waits until the time that the exchange has told it`);
  return 0;
}
