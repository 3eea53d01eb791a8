import type { Effects } from '../effects.ts';
import { type Keys, readKeys } from './keys.ts';

/** Where the secret is kept. */
export interface SecretSource {
  /** The secret's current text and version. Rejects when it cannot be read. */
  read(): Promise<{ readonly text: string; readonly version: string }>;
}

/** At most one forced read, and one try after a failed one, in this time. */
const PAUSE_MS = 10_000;

interface Options {
  readonly source: SecretSource;
  readonly ttlMs: number;
  readonly effects: Effects;
  /** Told when a read fails while older keys go on being used. */
  readonly onStale: (error: unknown) => void;
}

/**
 * The keys of one execution environment. Kept `ttlMs`; a failed read is never cached; when a later read fails the keys in hand
 * go on being used. Callers at the same time share one read.
 */
export class KeyStore {
  readonly #options: Options;
  #keys: Keys | undefined;
  #freshUntil = 0;
  #nextForcedRead = 0;
  #reading: Promise<Keys> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The keys to sign with. @throws what the source threw, or SecretFormatError, while there are none in hand */
  async get(): Promise<Keys> {
    if (this.#keys !== undefined && this.#options.effects.now() < this.#freshUntil) return this.#keys;
    try {
      return await this.#read();
    } catch (error) {
      if (this.#keys === undefined) throw error;
      return this.#keys;
    }
  }

  /**
   * To be called when the exchange has rejected `keys`: whether there are others now. Reads the secret again at once, but
   * not more than once in ten seconds; never rejects.
   */
  async hasReplacementFor(keys: Keys): Promise<boolean> {
    await this.#reading?.catch(() => undefined); // it may have begun before the keys were replaced
    if (this.#keys !== undefined && this.#keys.version !== keys.version) return true;
    const now = this.#options.effects.now();
    if (this.#reading === undefined) {
      if (now < this.#nextForcedRead) return false;
      this.#nextForcedRead = now + PAUSE_MS;
    }
    const { version } = await this.#read().catch(() => keys);
    return version !== keys.version;
  }

  #read(): Promise<Keys> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<Keys> {
    const { source, effects, ttlMs, onStale } = this.#options;
    try {
      const { text, version } = await source.read();
      this.#keys = readKeys(text, version);
      this.#freshUntil = effects.now() + ttlMs;
      return this.#keys;
    } catch (error) {
      this.#freshUntil = effects.now() + PAUSE_MS;
      if (this.#keys !== undefined) onStale(error);
      throw error;
    }
  }
}
