import { setTimeout as sleep } from 'node:timers/promises';
import { faults, isOpen } from '../../local/exchange.ts';
import { between, oneOf, type Scene } from '../scene.ts';
import { place, SYMBOLS } from './scene.ts';

/** Orders of a kill. */
export const ORDERS = 500;
/** Orders that were placed shortly before the kill. */
const FRESH = 20;

/** Places orders, or prepares the exchange. */
type Step = (scene: Scene) => void | Promise<void>;

function placed(count: number): Step {
  return (scene) => place(scene, count);
}

/** The weather of an exchange with the limit of 2026. */
export const LIMITED = 'limit of 400 a minute';

/** Weathers by name, each in steps. Every contender meets each with the same seeds. */
export const WEATHERS: Readonly<Record<string, readonly Step[]>> = {
  'answer to the first cancel lost': [placed(ORDERS), loseFirst],
  'orders survive a mass call': [placed(ORDERS), surviveSome],
  'lists lag up to 800 ms': [placed(ORDERS - FRESH), lag, placed(FRESH)],
  'lists lag, all orders are new, some survive': [lag, placed(ORDERS), surviveSome],
  'a bot places orders': [placed(ORDERS), (scene) => void trade(scene)],
  '429 in the middle': [placed(ORDERS), throttleLater],
  [LIMITED]: [placed(ORDERS)],
};

function loseFirst({ exchange, random }: Scene): void {
  const endings = [faults.reset({ executed: true }), faults.reset(), faults.truncate()];
  exchange.script(oneOf(random, endings), { method: 'DELETE' });
}

/** Leaves one to five orders open, whatever mass call comes. */
function surviveSome({ exchange, random }: Scene): void {
  const open = [...exchange.orders].filter(isOpen);
  const survivors = Array.from({ length: between(random, 1, 5) }, () => oneOf(random, open).orderId);
  exchange.behaviour.massSurvivors = ({ orderId }) => survivors.includes(orderId);
}

/** Lets lists lag, and waits until they show the book as it is now. */
async function lag({ exchange, random }: Scene): Promise<void> {
  const lagMs = between(random, 200, 800);
  exchange.behaviour.listLagMs = lagMs;
  await sleep(lagMs + 50);
}

/** Places ten orders on any symbols, one every 100 to 200 ms. */
async function trade({ exchange, random }: Scene): Promise<void> {
  for (let left = 10; left > 0; left--) {
    await sleep(left === 10 ? between(random, 10, 100) : between(random, 100, 200));
    exchange.place({ symbol: oneOf(random, SYMBOLS) });
  }
}

/** Throttles from the second, third or fourth call on. */
function throttleLater({ exchange, random }: Scene): void {
  const from = between(random, 2, 4);
  exchange.beforeCall = (number) => {
    if (number === from) exchange.throttle(30);
  };
}
