import { type Keys, SecretFormatError, SecretRefusedError } from './keys.ts';
import type { KeyStore } from './store.ts';

/** The keys of an account, or why there are none. `detail` holds no part of the secret. */
export type KeysRead =
  | { readonly ok: true; readonly keys: Keys }
  | {
      readonly ok: false;
      /**
       * True if the secret is malformed, absent or forbidden; false if another read may succeed.
       */
      readonly isFinal: boolean;
      /** True if it was not read, because too many unknown accounts were asked for. */
      readonly isLimited?: true;
      readonly detail: string;
    };

/** One account at the exchange: what signs its calls. */
export class Account {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** True once the secret has given keys. */
  get hasKeys(): boolean {
    return this.#store.hasKeys;
  }

  /** The keys to sign with, where none have to be read. */
  get freshKeys(): Keys | undefined {
    return this.#store.fresh;
  }

  /** Returns the keys to sign with. Never rejects. */
  async keys(): Promise<KeysRead> {
    try {
      return { ok: true, keys: await this.#store.get() };
    } catch (error) {
      const isFinal = error instanceof SecretFormatError || error instanceof SecretRefusedError;
      return { ok: false, isFinal, detail: isFinal ? error.message : nameOf(error) };
    }
  }

  /**
   * Returns true if there are other keys than these, which the exchange has refused. Never rejects.
   */
  hasReplacementFor(keys: Keys): Promise<boolean> {
    return this.#store.hasReplacementFor(keys);
  }
}

/** Returns an error's code or name alone: the messages of libraries' errors may hold anything. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.name;
}
