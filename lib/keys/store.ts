import type { Effects } from '../effects.ts';
import { type Keys, readKeys } from './keys.ts';

/** Reads the secret from where it is kept. */
export interface SecretSource {
  /** Returns the secret's current text and version. Rejects when it cannot be read. */
  read(): Promise<{ readonly text: string; readonly version: string }>;
}

/** Milliseconds between two forced reads, and between a failed read and the next. */
const PAUSE_MS = 10_000;

interface Options {
  readonly source: SecretSource;
  readonly ttlMs: number;
  readonly effects: Effects;
  /** Called when a read fails while cached keys are used. */
  readonly onStale: (error: unknown) => void;
}

/**
 * The keys of one account in one execution environment. Keeps them for `ttlMs`, never caches a failed read,
 * and uses the cached keys when a later read fails. Concurrent callers share one read.
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

  /** Returns the keys to sign with. @throws what the source threw, or SecretFormatError, while none are cached */
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
   * Returns true if there are other keys than these, which the exchange has refused. Reads the secret again
   * at once, but at most once in ten seconds. Never rejects.
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
