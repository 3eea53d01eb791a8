import { setTimeout as sleep } from 'node:timers/promises';
import { faults, isOpen } from '../../local/exchange.ts';
import { oneOf } from '../truth/random.ts';
import type { KillScene } from './scene.ts';

/** Orders of a kill. */
export const ORDERS = 500;
/** Orders that were placed shortly before the kill. */
const FRESH = 20;

/** Places the orders and prepares the exchange. Returns a function that ends what goes on during the kill. */
export type Weather = (scene: KillScene) => Promise<undefined | (() => void)>;

/**
 * Weathers by name. Every contender meets each with the same seeds, in this order and in one environment, so a
 * throttle comes last.
 */
export const WEATHERS: Readonly<Record<string, Weather>> = {
  'answer to the first cancel lost': async (scene) => {
    scene.place(ORDERS);
    const endings = [faults.reset({ executed: true }), faults.reset(), faults.truncate()];
    scene.exchange.script(oneOf(scene.random, endings), { method: 'DELETE' });
    return undefined;
  },
  'orders survive a mass call': async (scene) => {
    scene.place(ORDERS);
    surviveSome(scene);
    return undefined;
  },
  'lists lag up to 800 ms': async (scene) => {
    scene.place(ORDERS - FRESH);
    await lag(scene);
    scene.place(FRESH);
    return undefined;
  },
  'lists lag, all orders are new, some survive': async (scene) => {
    await lag(scene);
    scene.place(ORDERS);
    surviveSome(scene);
    return undefined;
  },
  'a bot places orders': async (scene) => {
    scene.place(ORDERS);
    return placeForAWhile(scene);
  },
  '429 in the middle': async (scene) => {
    scene.place(ORDERS);
    const from = scene.between(2, 4);
    scene.exchange.beforeCall = (number) => {
      if (number === from) scene.exchange.throttle(30);
    };
    return undefined;
  },
};

/** The weather of an exchange with the limit of 2026, which needs an environment of its own. */
export const LIMITED: Readonly<Record<string, Weather>> = {
  'limit of 400 a minute': async (scene) => {
    scene.place(ORDERS);
    return undefined;
  },
};

/** Leaves one to five orders open, whatever mass call comes. */
function surviveSome(scene: KillScene): void {
  const open = [...scene.exchange.orders].filter(isOpen);
  const survivors = Array.from({ length: scene.between(1, 5) }, () => oneOf(scene.random, open).orderId);
  scene.exchange.behaviour.massSurvivors = ({ orderId }) => survivors.includes(orderId);
}

/** Lets lists lag, and waits until they show the book as it is now. */
async function lag(scene: KillScene): Promise<void> {
  const lagMs = scene.between(200, 800);
  scene.exchange.behaviour.listLagMs = lagMs;
  await sleep(lagMs + 50);
}

/** Places ten orders on any symbols, one every 100 to 200 ms. */
function placeForAWhile(scene: KillScene): () => void {
  let left = 10;
  const place = () => {
    scene.placeOne();
    left -= 1;
    if (left > 0) timer = setTimeout(place, scene.between(100, 200));
  };
  let timer = setTimeout(place, scene.between(10, 100));
  return () => clearTimeout(timer);
}
