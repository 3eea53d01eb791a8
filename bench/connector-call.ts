import { type ConfigurationRestAPI, sendRequest } from '@binance/common';

/** Sends a signed request through the official connector. */
export async function signed(
  configuration: ConfigurationRestAPI,
  method: 'GET' | 'DELETE',
  path: string,
  parameters: object,
): Promise<unknown> {
  const options = { isSigned: true };
  const response = await sendRequest(configuration, path, method, parameters, {}, {}, undefined, options);
  return response.data();
}
