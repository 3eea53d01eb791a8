import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { paint } from '../../tools/terminal.ts';
import { startEventSource } from '../event-source.ts';
import type { ExchangeOrder, OrderStatus } from '../exchange.ts';
import { type HttpRequestParts, httpEvent } from '../http-event.ts';
import { lambdaContext, loadHandler } from '../lambda.ts';
import { send } from '../send.ts';
import type { LocalStack } from '../stack.ts';

type Invoke<R> = (event: unknown) => Promise<R>;

type RequestOptions = Pick<HttpRequestParts, 'headers' | 'body'>;

/** Plays scenes with the built handlers, and prints and checks their results. */
export class Demo {
  readonly stack: LocalStack;
  readonly #startedAt = performance.now();
  #scenes = 0;
  #failures = 0;
  #api: Promise<Invoke<APIGatewayProxyStructuredResultV2>> | undefined;

  constructor(stack: LocalStack) {
    this.stack = stack;
  }

  scene(title: string): void {
    this.#scenes += 1;
    console.log(`\n${paint('bold', `${this.#scenes}. ${title}`)}`);
  }

  line(label: string, text: string): void {
    console.log(`   ${paint('gray', label.padEnd(9))} ${text}`);
  }

  check(name: string, actual: unknown, expected: unknown): void {
    const isRight = actual === expected;
    if (!isRight) this.#failures += 1;
    const verdict = isRight ? paint('green', '✓') : paint('red', '✗');
    console.log(`   ${verdict} ${name}: ${actual}${isRight ? '' : paint('red', `, not ${expected}`)}`);
  }

  /** Prints the summary. Returns the exit code. */
  end(): number {
    const failed = this.#failures > 0 ? paint('red', `${this.#failures} checks failed`) : undefined;
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
    console.log(`\n${failed ?? paint('green', `All ${this.#scenes} scenes passed`)} (${seconds} s).`);
    return failed === undefined ? 0 : 1;
  }

  /** Loads a built handler as a new execution environment. */
  async load<R>(functionName: string): Promise<Invoke<R>> {
    const bundle = new URL(`../../dist/handlers/${functionName}.mjs`, import.meta.url);
    const handler = await loadHandler<unknown, R>(bundle, this.stack.env);
    return (event) => handler(event, lambdaContext({ functionName, timeoutMs: 20_000 }));
  }

  /**
   * Sends a request to the API, always to the same execution environment. Checks the status and the
   * outcome of the answer, such as `200 canceled`, and returns its body.
   */
  async call(method: string, target: string, expected: string, options: RequestOptions = {}) {
    this.line('request', paint('cyan', [method, target, options.body].join(' ').trimEnd()));
    this.#api ??= this.load('api');
    const invoke = await this.#api;
    const [path = '', query = ''] = target.split('?');
    const startedAt = performance.now();
    const answer = await invoke(httpEvent({ ...options, method, path, query, timeEpoch: Date.now() }));
    const ms = (performance.now() - startedAt).toFixed(1);
    const outcome = `${answer.statusCode} ${answer.headers?.['x-cancel-outcome'] ?? ''}`.trimEnd();
    this.check(`answer after ${ms} ms`, outcome, expected);
    return answer.body ?? '';
  }

  /** Cancels an order by its id through the API, checks answer and order, and returns the body. */
  async cancel({ symbol, orderId }: ExchangeOrder, expected: string, status: OrderStatus) {
    this.line('before', `${orderId} ${this.stack.exchange.order(orderId)?.status}`);
    const target = `/eapi/v1/order?symbol=${symbol}&orderId=${orderId}`;
    const body = await this.call('DELETE', target, expected);
    this.line('body', body);
    this.checkOrder(orderId, status);
    return body;
  }

  /** Checks an order's status in the exchange's book. */
  checkOrder(orderId: string, status: OrderStatus): void {
    this.check('order', this.stack.exchange.order(orderId)?.status, status);
  }

  /** Sends a message to its queue, as `npm run send` does with these options. */
  async send(message: string, ...options: string[]): Promise<void> {
    this.line('send', paint('cyan', message));
    await send([...options, message], this.stack.env, (id) => this.line('message', id));
  }

  /** Delivers a queue until `count` messages have left it, and checks that they do within 15 s. */
  async deliver(queueUrl: string, count: number, invoke?: Invoke<unknown>): Promise<void> {
    let settled = 0;
    const onSettled = () => {
      settled += 1;
    };
    invoke ??= await this.load('queue');
    const source = await startEventSource({ queueUrl, invoke, onSettled });
    for (let waits = 0; settled < count && waits < 150; waits += 1) await sleep(100);
    await source.stop();
    this.check('messages settled', settled, count);
  }
}
