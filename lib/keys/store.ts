import { type Effects, within } from '../effects.ts';
import { type Keys, readKeys, SecretRefusedError } from './keys.ts';

/** Reads the secret from where it is kept. */
export interface SecretSource {
  /** Returns the secret, or why it is absent or forbidden. Rejects when it cannot be read now. */
  read(): Promise<SecretRead>;
}

/**
 * The secret's current text and version; or a name for the refusal, which holds no part of the
 * secret.
 */
export type SecretRead = { readonly text: string; readonly version: string } | { readonly refused: string };

/** Milliseconds between two forced reads, and between a failed read and the next. */
const PAUSE_MS = 10_000;
/**
 * A read that takes longer, in milliseconds, does not hold up a call while there are cached keys.
 */
const SLOW_MS = 300;

interface Options {
  readonly source: SecretSource;
  readonly ttlMs: number;
  readonly effects: Effects;
  /** Called when a read fails while cached keys are used. */
  readonly onStale: (error: unknown) => void;
}

/**
 * The keys of one account in one execution environment. Keeps them for `ttlMs`, never caches a
 * failed read, and uses the cached keys when a later read fails or takes longer than 300 ms.
 * Concurrent callers share one read.
 */
export class KeyStore {
  readonly #options: Options;
  #keys: Keys | undefined;
  /** Both on the monotonic clock. */
  #freshUntil = 0;
  #nextForcedRead = Number.NEGATIVE_INFINITY;
  #reading: Promise<Keys> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  get hasKeys(): boolean {
    return this.#keys !== undefined;
  }

  /** The cached keys until they are due to be read again. */
  get fresh(): Keys | undefined {
    return this.#options.effects.monotonic() < this.#freshUntil ? this.#keys : undefined;
  }

  /**
   * Returns the keys to sign with. @throws what the source threw, SecretFormatError or
   * SecretRefusedError, while none are cached
   */
  async get(): Promise<Keys> {
    const cached = this.#keys;
    if (cached === undefined) return this.#read();
    if (this.fresh !== undefined) return cached;
    const read = this.#read().catch(() => undefined);
    return (await within(SLOW_MS, read)) ?? cached;
  }

  /**
   * Returns true if there are other keys than these, which the exchange has refused. Reads the
   * secret again at once, but at most once in ten seconds. Never rejects.
   */
  async hasReplacementFor(keys: Keys): Promise<boolean> {
    await this.#reading?.catch(() => undefined); // it may have begun before the keys were replaced
    if (this.#keys !== undefined && this.#keys.version !== keys.version) return true;
    const now = this.#options.effects.monotonic();
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
      const secret = await source.read();
      if ('refused' in secret) throw new SecretRefusedError(secret.refused);
      this.#keys = readKeys(secret.text, secret.version);
      this.#freshUntil = effects.monotonic() + ttlMs;
      return this.#keys;
    } catch (error) {
      this.#freshUntil = effects.monotonic() + PAUSE_MS;
      if (this.#keys !== undefined) onStale(error);
      throw error;
    }
  }
}
