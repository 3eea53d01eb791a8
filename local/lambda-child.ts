/**
 * The process of an execution environment, started by `lambda-environment.ts`. It loads the bundle
 * in its arguments, then answers invocations over IPC, one at a time. It ends with the process that
 * started it. An error while loading, or one that no promise catches, ends the process, as it does
 * in Lambda.
 */
import * as v from 'valibot';
import { importHandler, lambdaContext } from './lambda.ts';
import { type Failure, invocation, type Report } from './lambda-messages.ts';

const [bundle = '', functionName = ''] = process.argv.slice(2);

const handler = await importHandler<unknown, unknown>(new URL(bundle));
process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  void invoke(message).then(send);
});
send({ kind: 'loaded' });

async function invoke(message: unknown): Promise<Report> {
  try {
    const { event, deadline } = v.parse(invocation, message);
    const result = await handler(event, lambdaContext({ functionName, timeoutMs: deadline - Date.now() }));
    return { kind: 'returned', json: JSON.stringify(result ?? null) };
  } catch (error) {
    return { kind: 'threw', error: describe(error) };
  }
}

function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}

function send(report: Report): void {
  process.send?.(report);
}
