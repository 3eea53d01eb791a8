import { setTimeout as sleep } from 'node:timers/promises';
import { faults, isOpen } from '../../local/exchange.ts';
import { between, oneOf, type Scene } from '../scene.ts';
import { place, SYMBOLS } from './scene.ts';

/** Orders of a kill. */
export const ORDERS = 500;
/** Orders that were placed shortly before the kill. */
const FRESH = 20;

/** Places the orders and prepares the exchange. */
type Weather = (scene: Scene) => void | Promise<void>;

/**
 * Weathers by name. Every contender meets each with the same seeds, in this order and in one
 * environment, so a throttle comes last.
 */
export const WEATHERS: Readonly<Record<string, Weather>> = {
  'answer to the first cancel lost': (scene) => {
    place(scene, ORDERS);
    const endings = [faults.reset({ executed: true }), faults.reset(), faults.truncate()];
    scene.exchange.script(oneOf(scene.random, endings), { method: 'DELETE' });
  },
  'orders survive a mass call': (scene) => {
    place(scene, ORDERS);
    surviveSome(scene);
  },
  'lists lag up to 800 ms': async (scene) => {
    place(scene, ORDERS - FRESH);
    await lag(scene);
    place(scene, FRESH);
  },
  'lists lag, all orders are new, some survive': async (scene) => {
    await lag(scene);
    place(scene, ORDERS);
    surviveSome(scene);
  },
  'a bot places orders': (scene) => {
    place(scene, ORDERS);
    placeForAWhile(scene);
  },
  '429 in the middle': (scene) => {
    place(scene, ORDERS);
    const from = between(scene.random, 2, 4);
    scene.exchange.beforeCall = (number) => {
      if (number === from) scene.exchange.throttle(30);
    };
  },
};

/** The weather of an exchange with the limit of 2026, which needs an environment of its own. */
export const LIMITED: typeof WEATHERS = { 'limit of 400 a minute': (scene) => place(scene, ORDERS) };

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
function placeForAWhile(scene: Scene, left = 10): void {
  const { exchange, random } = scene;
  const waitMs = left === 10 ? between(random, 10, 100) : between(random, 100, 200);
  scene.bot = setTimeout(() => {
    exchange.place({ symbol: oneOf(random, SYMBOLS) });
    if (left > 1) placeForAWhile(scene, left - 1);
  }, waitMs);
}
