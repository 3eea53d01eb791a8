import { type Keys, SecretFormatError } from './keys.ts';
import type { KeyStore } from './store.ts';

/** The keys of an account, or why there are none. `detail` holds no part of the secret. */
export type KeysRead =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly detail: string };

/** One account at the exchange: what signs its calls. */
export class Account {
  readonly #store: KeyStore;

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** Returns the keys to sign with. Never rejects. */
  async keys(): Promise<KeysRead> {
    try {
      return { ok: true, keys: await this.#store.get() };
    } catch (error) {
      return { ok: false, detail: describe(error) };
    }
  }

  /** Returns true if there are other keys than these, which the exchange has refused. Never rejects. */
  hasReplacementFor(keys: Keys): Promise<boolean> {
    return this.#store.hasReplacementFor(keys);
  }
}

/** Describes why there are no keys: by our own message about the secret's form, by code or name for any other error. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error instanceof SecretFormatError) return error.message;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
