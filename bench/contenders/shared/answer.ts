/** What a handler answers to API Gateway. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const headers = { 'content-type': 'application/json' };

/** JSON text, as it is. */
export const textAnswer = (statusCode: number, body: string): HttpAnswer => ({ statusCode, headers, body });

/** A value as JSON; integers that JavaScript's numbers do not hold become strings. */
export function jsonAnswer(statusCode: number, value: unknown): HttpAnswer {
  const body = JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field));
  return textAnswer(statusCode, body);
}

/** What was thrown, with its message. */
export function errorAnswer(statusCode: number, error: unknown): HttpAnswer {
  return jsonAnswer(statusCode, { message: error instanceof Error ? error.message : String(error) });
}
