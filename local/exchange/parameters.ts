import { ApiError } from './answers.ts';

/** The parameters of one call, from query and form body. The query wins. */
export interface Parameters {
  readonly values: ReadonlyMap<string, string>;
  /** True when the query or the body holds a name more than once. */
  readonly hasRepeated: boolean;
}

/** Parses query and form body. Never throws, so that limits are checked before parameters. */
export function readParameters(rawQuery: string, form: string): Parameters {
  const sources = [form, rawQuery].map((text) => [...new URLSearchParams(text)]);
  return {
    values: new Map(sources.flat()),
    hasRepeated: sources.some((pairs) => new Map(pairs).size < pairs.length),
  };
}

/** Returns the parameter's value. @throws ApiError -1102 when it is missing or empty */
export function mandatory(parameters: Parameters, name: string): string {
  const value = parameters.values.get(name);
  if (value) return value;
  throw new ApiError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

/** Returns the value, undefined when it is missing. @throws ApiError -1105 when it is empty */
export function optional(parameters: Parameters, name: string): string | undefined {
  const value = parameters.values.get(name);
  if (value === '') throw new ApiError(400, -1105, `Parameter '${name}' was empty.`);
  return value;
}

/** Returns the value. @throws ApiError -1100 when it does not match the pattern */
export function legal(name: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  const msg = `Illegal characters found in parameter '${name}'; legal range is '${pattern.source}'.`;
  throw new ApiError(400, -1100, msg);
}

const OPTION_SYMBOL = /^[A-Z0-9]+-\d{6}-\d+(\.\d+)?-[CP]$/;

/**
 * Returns the mandatory symbol, such as `BTC-200730-9000-C`.
 *
 * @throws ApiError -1121 when it is not an option's
 */
export function optionSymbol(parameters: Parameters): string {
  const symbol = legal('symbol', mandatory(parameters, 'symbol'), /^[A-Z0-9.-]{1,40}$/);
  if (!OPTION_SYMBOL.test(symbol)) throw new ApiError(400, -1121, 'Invalid symbol.');
  return symbol;
}

const LARGEST_INTEGER = 2n ** 63n - 1n;

/**
 * Returns an optional integer.
 *
 * @throws ApiError -1105 when it is empty, -1100 when it is not made of digits,
 * -1130 above 2^63 - 1
 */
export function integer(parameters: Parameters, name: string): bigint | undefined {
  const value = optional(parameters, name);
  if (value === undefined) return undefined;
  const number = BigInt(legal(name, value, /^[0-9]{1,20}$/));
  if (number <= LARGEST_INTEGER) return number;
  throw new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);
}
