import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { paint } from '../../tools/terminal.ts';
import { type HttpRequestParts, httpEvent } from '../http-event.ts';
import { lambdaContext, loadHandler } from '../lambda.ts';
import type { LocalStack } from '../stack.ts';
import type { Report } from './report.ts';

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Invoke = (request: HttpRequestParts) => Promise<HttpAnswer>;

/** The expected result of a request. */
export interface Expected {
  readonly status: number;
  /** Absent from the answer to a read, and to a request that is on its queue. */
  readonly outcome?: string;
  /** The order's status in the exchange's book afterwards. */
  readonly order?: string;
}

/** Sends requests to the built API handler and prints the answers. */
export class ApiClient {
  readonly #stack: LocalStack;
  readonly #report: Report;
  readonly #invoke: Invoke;

  private constructor(stack: LocalStack, report: Report, invoke: Invoke) {
    this.#stack = stack;
    this.#report = report;
    this.#invoke = invoke;
  }

  /** Loads the built handler as a new execution environment. */
  static async load(stack: LocalStack, report: Report): Promise<ApiClient> {
    const bundle = new URL('../../dist/handlers/api.mjs', import.meta.url);
    const handler = await loadHandler<APIGatewayProxyEventV2, HttpAnswer>(bundle, stack.env);
    const invoke: Invoke = (request) =>
      handler(
        httpEvent({ ...request, timeEpoch: Date.now() }),
        lambdaContext({ functionName: 'api', timeoutMs: 10_000 }),
      );
    return new ApiClient(stack, report, invoke);
  }

  /** Sends one request about `orderId` and checks its answer and the order. */
  async send(request: HttpRequestParts, expected: Expected, orderId?: string): Promise<HttpAnswer> {
    this.#showBook('before', orderId);
    const answer = await this.request(request, expected);
    this.#report.line('body', answer.body);
    this.#showBook('after', orderId);
    if (orderId !== undefined && expected.order !== undefined) {
      this.#report.check('order', this.#stack.exchange.order(orderId)?.status, expected.order);
    }
    return answer;
  }

  /** Sends one request and checks the status and the outcome of its answer. */
  async request(request: HttpRequestParts, expected: Expected): Promise<HttpAnswer> {
    const { method = 'DELETE', path = '/eapi/v1/order', query, body = '' } = request;
    const target = query === undefined ? path : `${path}?${query}`;
    this.#report.line('request', paint('cyan', `${method} ${target} ${body}`.trimEnd()));
    const startedAt = performance.now();
    const answer = await this.#invoke(request);
    const ms = (performance.now() - startedAt).toFixed(1);
    const outcome = outcomeText(answer.statusCode, answer.headers['x-cancel-outcome']);
    this.#report.line('answer', `${outcome} in ${ms} ms`);
    this.#report.check('outcome', outcome, outcomeText(expected.status, expected.outcome));
    return answer;
  }

  #showBook(label: string, orderId: string | undefined): void {
    if (orderId === undefined) return;
    this.#report.line(
      label,
      `${orderId} ${this.#stack.exchange.order(orderId)?.status ?? 'is not in the book'}`,
    );
  }
}

const outcomeText = (status: number, outcome = '') => `${status} ${outcome}`.trimEnd();
