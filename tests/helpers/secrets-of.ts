import type { EmbeddedExchange, Fault } from '../../local/exchange.ts';
import type { FreshKey } from '../../local/keys.ts';

/** Every part of a key that must never be seen anywhere. */
export function secretsOf({ secret }: FreshKey): string[] {
  if ('apiSecret' in secret) return [secret.apiKey, secret.apiSecret];
  const { apiKey, privateKey, privateKeyPassphrase } = secret;
  const lines = privateKey.split('\n').filter((line) => line.length > 10 && !line.startsWith('-----'));
  return [
    apiKey,
    ...lines,
    '-----BEGIN',
    ...(privateKeyPassphrase === undefined ? [] : [privateKeyPassphrase]),
  ];
}

/** Every signature that the exchange was sent, as sent and as it may be spelt elsewhere. */
export function signaturesIn(exchange: EmbeddedExchange): string[] {
  return exchange.calls
    .map(({ rawQuery }) => /&signature=(.*)$/.exec(rawQuery)?.[1])
    .filter((signature) => signature !== undefined)
    .flatMap(spellings);
}

/** An error, or whatever `textOf` makes of it, in which the exchange gives back all that it was sent. */
export function echo(exchange: EmbeddedExchange, status: number, textOf: (echoed: string) => string): Fault {
  return { answer: () => ({ status, body: textOf(echoOf(exchange)) }) };
}

/** An error of the exchange's form whose text is such an echo. */
export const echoError = (exchange: EmbeddedExchange, status: number, code: number, start = 'Sorry') =>
  echo(exchange, status, (echoed) =>
    JSON.stringify({ code, msg: `${start}: ${echoed}` }).replaceAll('/', '\\/'),
  );

function echoOf(exchange: EmbeddedExchange): string {
  const call = exchange.calls.at(-1);
  const signature = /&signature=(.*)$/.exec(call?.rawQuery ?? '')?.[1] ?? '';
  return [call?.headers['x-mbx-apikey'], ...spellings(signature), call?.rawQuery].join(' ');
}

const spellings = (signature: string) => [
  signature,
  decodeURIComponent(signature),
  signature.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
];
