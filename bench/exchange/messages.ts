import * as v from 'valibot';

/** Latency of each answer of the exchange and of Secrets Manager, and the use of TLS. */
export const siteOptions = v.object({ exchangeMs: v.number(), secretMs: v.number(), tls: v.boolean() });

/** Asks the process to place this many orders. */
export const placeRequest = v.object({ place: v.number() });

export const siteReport = v.variant('kind', [
  v.object({
    kind: v.literal('ready'),
    env: v.record(v.string(), v.string()),
    certificate: v.optional(v.string()),
  }),
  v.object({ kind: v.literal('placed'), orderIds: v.array(v.string()) }),
]);

export type SiteOptions = v.InferOutput<typeof siteOptions>;
export type SiteReport = v.InferOutput<typeof siteReport>;
