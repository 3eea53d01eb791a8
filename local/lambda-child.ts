/**
 * The process of an execution environment, started by `lambda-environment.ts`. It loads the bundle
 * in its arguments and says so, then answers invocations over IPC, one at a time. It ends with the
 * process that started it. An error while loading, or one that no promise catches, ends the process,
 * as it does in Lambda.
 */
import { on } from 'node:events';
import { inspect } from 'node:util';
import * as v from 'valibot';
import { importHandler, lambdaContext } from './lambda.ts';
import { invocation, type Report } from './lambda-environment.ts';

const [bundle = '', functionName = ''] = process.argv.slice(2);

const send = (report: Report) => process.send?.(report);
const handler = await importHandler<unknown, unknown>(new URL(bundle));
const messages = on(process, 'message');
process.on('disconnect', () => process.exit());
send({});

for await (const [message] of messages) {
  try {
    const { event, deadline } = v.parse(invocation, message);
    const result = await handler(event, lambdaContext({ functionName, timeoutMs: deadline - Date.now() }));
    send({ result: result ?? null });
  } catch (error) {
    send({ error: String(error), cause: inspect(error) });
  }
}
