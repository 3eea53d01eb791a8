import type { Effects } from '../effects.ts';
import { Account, type KeysRead } from './account.ts';
import { KeyStore, type SecretSource } from './store.ts';

/** The largest number of named accounts that are kept. */
const MOST_ACCOUNTS = 100;
/** A secret that could not be used is not read again for so many milliseconds. */
const MISS_MS = 10_000;
/** So many misses in that time, and no other unknown account is read. */
const MOST_MISSES = 10;

interface Options {
  readonly ttlMs: number;
  readonly effects: Effects;
  /** Opens a secret by its name or ARN. */
  readonly open: (secretId: string) => SecretSource;
  /** The secret of the account without a name. */
  readonly secretId: string;
  /** The prefix of the named accounts' secrets. */
  readonly prefix: string;
  /** Called when a read fails while cached keys are used. */
  readonly onStale: (error: unknown) => void;
}

/**
 * The accounts of one execution environment. Each signs with the keys of its own secret, and
 * nothing of one is ever used for another. Keeps the hundred named accounts that were used last.
 * Unknown names cost at most ten reads of a secret in ten seconds, however many are asked for.
 */
export class Accounts {
  readonly #options: Options;
  readonly #misses: Misses;
  readonly #main: Account;
  /** By name; the last one was used last. */
  readonly #named = new Map<string, Account>();

  constructor(options: Options) {
    this.#options = options;
    this.#misses = new Misses(options.effects);
    this.#main = new Account(this.#openStore(options.secretId));
  }

  /** Returns the account of this name; without one, the default account. */
  get(name?: string): Account {
    if (name === undefined) return this.#main;
    const account = this.#named.get(name) ?? this.#openNamed(name);
    this.#named.delete(name);
    this.#named.set(name, account);
    return account;
  }

  #openNamed(name: string): Account {
    if (this.#named.size >= MOST_ACCOUNTS) this.#forgetOne();
    return new NamedAccount(this.#openStore(`${this.#options.prefix}${name}`), this.#misses);
  }

  /** Forgets an account without keys, else the one that was not used for the longest time. */
  #forgetOne(): void {
    const entries = [...this.#named];
    const [name] = entries.find(([, { hasKeys }]) => !hasKeys) ?? entries[0] ?? [];
    if (name !== undefined) this.#named.delete(name);
  }

  #openStore(secretId: string): KeyStore {
    return new KeyStore({ ...this.#options, source: this.#options.open(secretId) });
  }
}

/** An account that may not exist: its secret is read sparingly until it has given keys. */
class NamedAccount extends Account {
  readonly #misses: Misses;
  #missed: { readonly read: KeysRead; readonly at: number } | undefined;

  constructor(store: KeyStore, misses: Misses) {
    super(store);
    this.#misses = misses;
  }

  override async keys(): Promise<KeysRead> {
    if (this.hasKeys) return super.keys();
    const missed = this.#recentMiss();
    if (missed !== undefined) return missed;
    if (this.#misses.areTooMany()) return LIMITED;
    const read = await super.keys();
    // concurrent callers share one read, which is one miss
    if (!read.ok && read.isFinal && this.#recentMiss() === undefined)
      this.#missed = { read, at: this.#misses.note() };
    return read;
  }

  #recentMiss(): KeysRead | undefined {
    return this.#missed && this.#misses.isRecent(this.#missed.at) ? this.#missed.read : undefined;
  }
}

const LIMITED: KeysRead = {
  ok: false,
  isFinal: false,
  isLimited: true,
  detail: `not read: ${MOST_MISSES} unknown accounts were asked for within ${MISS_MS / 1000} s`,
};

/** The reads of secrets that gave no keys; times on the monotonic clock. */
class Misses {
  readonly #effects: Effects;
  #times: readonly number[] = [];

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /** Notes a miss, and returns its time. */
  note(): number {
    const now = this.#effects.monotonic();
    this.#times = [...this.#times.filter((time) => this.isRecent(time)), now];
    return now;
  }

  areTooMany(): boolean {
    return this.#times.filter((time) => this.isRecent(time)).length >= MOST_MISSES;
  }

  isRecent(time: number): boolean {
    return this.#effects.monotonic() - time < MISS_MS;
  }
}
