import { ApiError } from './answers.ts';

/** The parameters of one call, from query and form body. The query wins. */
export interface Parameters {
  readonly values: ReadonlyMap<string, string>;
  /** A name that the query or the body holds more than once. */
  readonly repeated: string | undefined;
}

/**
 * Parses query string and form body. Never throws, so that limits are checked before parameters.
 */
export function readParameters(rawQuery: string, form: string): Parameters {
  const values = new Map<string, string>();
  const repeatedInForm = collect(form, values);
  const inQuery = new Map<string, string>();
  const repeatedInQuery = collect(rawQuery, inQuery);
  for (const [name, value] of inQuery) values.set(name, value);
  return { values, repeated: repeatedInQuery ?? repeatedInForm };
}

/** Returns the parameter's value. @throws ApiError -1102 when it is missing or empty */
export function mandatory(parameters: Parameters, name: string): string {
  const value = parameters.values.get(name);
  if (value) return value;
  throw new ApiError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

/**
 * Returns the parameter's value, or undefined when it is missing.
 *
 * @throws ApiError -1105 when it is empty
 */
export function optional(parameters: Parameters, name: string): string | undefined {
  const value = parameters.values.get(name);
  if (value === '') throw new ApiError(400, -1105, `Parameter '${name}' was empty.`);
  return value;
}

/** Returns the value. @throws ApiError -1100 when it does not match the pattern */
export function legal(name: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  throw new ApiError(
    400,
    -1100,
    `Illegal characters found in parameter '${name}'; legal range is '${pattern.source}'.`,
  );
}

const SYMBOL_CHARACTERS = /^[A-Z0-9.-]{1,40}$/;
const OPTION_SYMBOL = /^[A-Z0-9]+-\d{6}-\d+(\.\d+)?-[CP]$/;

/**
 * Returns the mandatory symbol, such as `BTC-200730-9000-C`.
 *
 * @throws ApiError -1121 when it is not an option's
 */
export function optionSymbol(parameters: Parameters): string {
  const symbol = legal('symbol', mandatory(parameters, 'symbol'), SYMBOL_CHARACTERS);
  if (!OPTION_SYMBOL.test(symbol)) throw new ApiError(400, -1121, 'Invalid symbol.');
  return symbol;
}

const LONG = /^[0-9]{1,20}$/;
const LARGEST_LONG = 2n ** 63n - 1n;

/**
 * Returns an integer's digits without leading zeros.
 *
 * @throws ApiError -1100, or -1130 above 2^63 - 1
 */
export function long(name: string, value: string): string {
  const integer = BigInt(legal(name, value, LONG));
  if (integer > LARGEST_LONG)
    throw new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);
  return String(integer);
}

/** Returns an optional integer. @throws ApiError when it is empty or no 64-bit integer */
export function integer(parameters: Parameters, name: string): bigint | undefined {
  const value = optional(parameters, name);
  return value === undefined ? undefined : BigInt(long(name, value));
}

function collect(text: string, into: Map<string, string>): string | undefined {
  let repeated: string | undefined;
  for (const [name, value] of new URLSearchParams(text)) {
    if (into.has(name)) repeated = name;
    into.set(name, value);
  }
  return repeated;
}
