import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { FIRST_ORDER_ID } from '../../local/exchange/orders.ts';
import { type EmbeddedExchange, type ExchangeOrder, isOpen } from '../../local/exchange.ts';
import { type HttpRequestParts, httpEvent } from '../../local/http-event.ts';
import { freshHmacKey } from '../../local/keys.ts';
import { SECRET_ID } from '../../local/stack.ts';
import { queueClient } from '../../tools/queue-client.ts';
import { between, type Scene, startScene } from '../scene.ts';
import { judge, type Verdict } from './verdict.ts';

/** The exchange's weight limit. It is never reached, since the scripts throttle. */
const NO_LIMIT = 1_000_000;

/** Cancels through one handler, and the verdicts on its answers. */
export class Trial {
  readonly exchange: EmbeddedExchange;
  readonly random: () => number;
  readonly verdicts: Verdict[] = [];
  readonly #scene: Scene;
  readonly #queues: SQSClient;

  private constructor(scene: Scene) {
    this.exchange = scene.exchange;
    this.random = scene.random;
    this.#scene = scene;
    this.#queues = queueClient(scene.stack.queues.deadLetterQueueUrl);
  }

  /** Starts exchange and handler. */
  static async start(bundle: URL, seed: string): Promise<Trial> {
    return new Trial(await startScene(bundle, { weightLimit: NO_LIMIT }, { seed }));
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
    this.#scene.stack.secrets.put(SECRET_ID, secret);
    this.exchange.setKeys([exchangeKey]);
  }

  /** Asks the handler to cancel an order and judges its answer. The default request is a query. */
  async cancel({ symbol, orderId }: ExchangeOrder, request: HttpRequestParts = {}): Promise<void> {
    const bystanders = [...this.exchange.orders].filter(
      (order) => isOpen(order) && order.orderId !== orderId,
    );
    const query = request.body === undefined ? `symbol=${symbol}&orderId=${orderId}` : '';
    const deadLettersBefore = await this.#deadLetters();
    const answer = await this.#scene.invoke(httpEvent({ query, ...request }));
    const order = this.exchange.order(orderId);
    const wrongOrder = bystanders.some(({ orderId: id }) => this.exchange.order(id)?.status === 'CANCELLED');
    const isKept = (await this.#deadLetters()) > deadLettersBefore;
    this.verdicts.push(judge({ answer, order, wrongOrder, isKept }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#queues.destroy();
    await this.#scene[Symbol.asyncDispose]();
  }

  async #deadLetters(): Promise<number> {
    const { deadLetterQueueUrl: QueueUrl } = this.#scene.stack.queues;
    const request = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    const { Attributes } = await this.#queues.send(new GetQueueAttributesCommand(request));
    return Number(Attributes?.ApproximateNumberOfMessages);
  }
}
