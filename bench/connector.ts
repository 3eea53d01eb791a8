import { ConfigurationRestAPI, sendRequest } from '@binance/common';

/** Returns a function that sends signed requests through the official connector. */
export function connectorOf(options: Readonly<Record<string, string | number>>) {
  const configuration = new ConfigurationRestAPI(options);
  return async (method: 'GET' | 'DELETE', path: string, parameters: object): Promise<unknown> => {
    const signed = { isSigned: true };
    const response = await sendRequest(configuration, path, method, parameters, {}, {}, undefined, signed);
    return response.data();
  };
}
