import type { EmbeddedExchange, HmacKey } from '../exchange.ts';
import { freshHmacKey } from '../keys.ts';
import type { EmbeddedSecrets } from '../secrets.ts';

/** Gives every process a secret, and in it a key, of its own, so that a call's key says which process made it. */
export class KeyDesk {
  readonly #exchange: EmbeddedExchange;
  readonly #secrets: EmbeddedSecrets;
  readonly #current = new Map<string, HmacKey>();
  readonly #owners = new Map<string, string>();

  constructor(exchange: EmbeddedExchange, secrets: EmbeddedSecrets) {
    this.#exchange = exchange;
    this.#secrets = secrets;
  }

  /** Puts a fresh key into the secret of this name, known to the exchange from now on in place of the one before. */
  issue(secretId: string): void {
    this.#renew(secretId);
    this.#exchange.setKeys([...this.#current.values()]);
  }

  /** Renews every key at once: the secrets' new versions, and the exchange's keys with them. */
  rotate(): void {
    for (const secretId of this.#current.keys()) this.#renew(secretId);
    this.#exchange.setKeys([...this.#current.values()]);
  }

  /** The secret that a key is or was in. */
  ownerOf(apiKey: string): string | undefined {
    return this.#owners.get(apiKey);
  }

  #renew(secretId: string): void {
    const key = freshHmacKey().exchangeKey;
    this.#secrets.put(secretId, key);
    this.#current.set(secretId, key);
    this.#owners.set(key.apiKey, secretId);
  }
}
