import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { FIRST_ORDER_ID } from '../../local/exchange/orders.ts';
import { type EmbeddedExchange, type ExchangeOrder, isOpen } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { type LambdaProcess, startLambdaProcess } from '../../local/lambda-process.ts';
import { queueClient } from '../../local/queue/client.ts';
import { type LocalStack, SECRET_ID, startLocalStack } from '../../local/stack.ts';
import { between, seeded } from './random.ts';
import { judge, type Verdict } from './verdict.ts';

/** The exchange's weight limit. It is never reached, since the scenes throttle. */
const NO_LIMIT = 1_000_000;
/** Timeout of the deployed function. */
const TIMEOUT_MS = 20_000;

/** A handler in its own process, with its own exchange. */
export class Scene {
  readonly exchange: EmbeddedExchange;
  readonly random: () => number;
  readonly verdicts: Verdict[] = [];
  readonly #handler: LambdaProcess;
  readonly #stack: LocalStack;
  readonly #queues: SQSClient;

  private constructor(stack: LocalStack, handler: LambdaProcess, seed: string) {
    this.exchange = stack.exchange;
    this.random = seeded(seed);
    this.#handler = handler;
    this.#stack = stack;
    this.#queues = queueClient(stack.queues.deadLetterQueueUrl);
  }

  /** Starts exchange and handler. `env` derives the handler's environment from the stack's. */
  static async set(
    bundle: URL,
    seed: string,
    env: (stack: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<Scene> {
    const stack = await startLocalStack({ exchange: { weightLimit: NO_LIMIT } });
    const options = { bundle, env: env(stack.env), timeoutMs: TIMEOUT_MS, functionName: 'api' };
    return new Scene(stack, await startLambdaProcess(options), seed);
  }

  /** Number of calls that the handler made during a throttle or ban. */
  get callsAgainstRefusal(): number {
    return this.exchange.calls.filter(({ madeWhile }) => madeWhile !== undefined).length;
  }

  /**
   * Places an open order whose id exceeds JavaScript's exact integers. Also places the order that
   * the rounded id names.
   */
  placeBesideNeighbour(): ExchangeOrder {
    const orderId = String(FIRST_ORDER_ID + BigInt(between(this.random, 0, 2 ** 31)) * 2n);
    this.exchange.place({ orderId: String(Number(orderId)) });
    return this.exchange.place({ orderId });
  }

  /** Replaces the key at the exchange and in the secret. */
  rotateKey(): void {
    const { exchangeKey, secret } = freshHmacKey();
    this.#stack.secrets.put(SECRET_ID, secret);
    this.exchange.setKeys([exchangeKey]);
  }

  /** Asks the handler to cancel an order and judges its answer. The default request is a query. */
  async cancel({ symbol, orderId }: ExchangeOrder, request: HttpRequestParts = {}): Promise<void> {
    const bystanders = [...this.exchange.orders].filter(
      (order) => isOpen(order) && order.orderId !== orderId,
    );
    const isInBody = request.body !== undefined;
    const deadLettersBefore = await this.#deadLetters();
    const query = isInBody ? '' : `symbol=${symbol}&orderId=${orderId}`;
    const answer = await this.#handler.invoke(httpEvent({ query, ...request })).catch(() => undefined);
    const order = this.exchange.order(orderId);
    const wrongOrder = bystanders.some(({ orderId: id }) => this.exchange.order(id)?.status === 'CANCELLED');
    const isKept = (await this.#deadLetters()) > deadLettersBefore;
    this.verdicts.push(judge({ answer, order, wrongOrder, isKept }));
  }

  async stop(): Promise<void> {
    await this.#handler.stop();
    this.#queues.destroy();
    await this.#stack.stop();
  }

  async #deadLetters(): Promise<number> {
    const { deadLetterQueueUrl: QueueUrl } = this.#stack.queues;
    const request = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    const { Attributes } = await this.#queues.send(new GetQueueAttributesCommand(request));
    return Number(Attributes?.ApproximateNumberOfMessages);
  }
}
