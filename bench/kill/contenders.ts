/** A way to cancel every order of an underlying. */
export interface KillContender {
  readonly label: string;
  /** The module that exports the handler, from the repository's root. */
  readonly source: string;
  /** The number of calls that it sends at once. Only for handlers of the benchmark. */
  readonly width?: number;
  readonly trigger: 'api' | 'queue';
  /** The evidence on which it reports success. */
  readonly proof: string;
}

const TWO_LISTS = 'two empty lists, a second apart';
const ACKNOWLEDGED = 'each symbol acknowledged';
const EACH_ANSWERED = 'each order of one list canceled';

/** The contenders in the order of the tables. */
export const KILL_CONTENDERS: readonly KillContender[] = [
  { label: 'this service, POST /kills', source: 'dist/handlers/api.mjs', trigger: 'api', proof: TWO_LISTS },
  {
    label: 'this service, kill queue',
    source: 'dist/handlers/queue.mjs',
    trigger: 'queue',
    proof: TWO_LISTS,
  },
  other('ccxt, symbol by symbol', 'ccxt', 1, ACKNOWLEDGED),
  other('ccxt, all symbols at once', 'ccxt', 40, ACKNOWLEDGED),
  other('connector, mass call and list', 'connector', 1, 'one empty list'),
  other('single cancels, 10 at a time', 'singles', 10, EACH_ANSWERED),
  other('single cancels, 20 at a time', 'singles', 20, EACH_ANSWERED),
];

function other(label: string, name: string, width: number, proof: string): KillContender {
  return { label, source: `bench/kill/${name}.ts`, width, trigger: 'api', proof };
}
