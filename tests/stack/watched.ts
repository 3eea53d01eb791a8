import * as v from 'valibot';
import type { Series } from './minutes.ts';

const metric = v.object({
  Namespace: v.string(),
  MetricName: v.string(),
  Dimensions: v.optional(v.array(v.object({ Name: v.string(), Value: v.unknown() })), []),
});
const queries = v.object({
  Metrics: v.array(
    v.object({
      Expression: v.optional(v.string()),
      MetricStat: v.optional(v.object({ Metric: metric })),
    }),
  ),
});

/** A metric that an alarm reads. */
export interface Watched {
  readonly namespace: string;
  readonly metric: string;
  /** Names of its dimensions, sorted. */
  readonly dimensions: string;
  /** Returns true for dimensions whose values the alarm reads. */
  readonly reads: (dimensions: Series['dimensions']) => boolean;
}

const sorted = (names: readonly string[]) => [...names].sort().join();

function watchedMetric({ Namespace, MetricName, Dimensions }: v.InferOutput<typeof metric>): Watched {
  return {
    namespace: Namespace,
    metric: MetricName,
    dimensions: sorted(Dimensions.map(({ Name }) => Name)),
    reads: (dimensions) => Dimensions.every(({ Name, Value }) => dimensions[Name] === Value),
  };
}

/** Reads a Metrics Insights query. A SCHEMA reads only series with exactly its dimensions. */
function watchedByQuery(text: string): Watched {
  const [, name = '', namespace = '', schema = '', where = ''] =
    /^SELECT \w+\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\) WHERE (.+)$/.exec(text) ?? [];
  const conditions = where.split(' AND ').map((condition) => {
    const [, dimension = '', operator, value] = /^(\w+) (!?=) '([^']+)'$/.exec(condition) ?? [];
    return ({ [dimension]: actual }: Series['dimensions']) => (operator === '=') === (actual === value);
  });
  return {
    namespace,
    metric: name,
    dimensions: sorted(schema.split(', ')),
    reads: (dimensions) => conditions.every((holds) => holds(dimensions)),
  };
}

/** Returns the metrics that an alarm reads, from its properties. */
export function watchedBy(properties: Readonly<Record<string, unknown>>): Watched[] {
  if (!('Metrics' in properties)) return [watchedMetric(v.parse(metric, properties))];
  return v.parse(queries, properties).Metrics.flatMap(({ Expression, MetricStat }) => {
    if (MetricStat !== undefined) return [watchedMetric(MetricStat.Metric)];
    return Expression?.startsWith('SELECT') ? [watchedByQuery(Expression)] : [];
  });
}

/** Returns true if the alarm reads this series. */
export const sees = (watched: Watched, { namespace, metric: name, dimensions }: Series) =>
  watched.namespace === namespace &&
  watched.metric === name &&
  watched.dimensions === sorted(Object.keys(dimensions)) &&
  watched.reads(dimensions);
