import * as v from 'valibot';

/** Message to the child: call the handler. `deadline` is in milliseconds since the epoch. */
export const invocation = v.object({ event: v.unknown(), deadline: v.number() });

const failure = v.object({ name: v.string(), message: v.string(), stack: v.optional(v.string()) });

/**
 * Message from the child: the handler is loaded, or an invocation ended. A result is sent as JSON
 * text.
 */
export const report = v.variant('kind', [
  v.object({ kind: v.literal('loaded') }),
  v.object({ kind: v.literal('returned'), json: v.string() }),
  v.object({ kind: v.literal('threw'), error: failure }),
]);

export type Invocation = v.InferOutput<typeof invocation>;
export type Report = v.InferOutput<typeof report>;
export type Failure = v.InferOutput<typeof failure>;
