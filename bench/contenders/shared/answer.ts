export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const headers = { 'content-type': 'application/json' };

export const textAnswer = (statusCode: number, body: string): HttpAnswer => ({ statusCode, headers, body });

/** Answers with a value as JSON. A bigint becomes a string. */
export function jsonAnswer(statusCode: number, value: unknown): HttpAnswer {
  const body = JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field));
  return textAnswer(statusCode, body);
}

export function errorAnswer(statusCode: number, error: unknown): HttpAnswer {
  return jsonAnswer(statusCode, { message: error instanceof Error ? error.message : String(error) });
}
