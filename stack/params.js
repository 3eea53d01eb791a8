import { parseSettings } from './settings.ts';

/**
 * Returns a stage's settings in the forms that `serverless.yml` and `stack/` need. The deploy tool
 * calls it.
 */
async function params({ options, resolveVariable }) {
  if (options.param?.length > 0)
    throw refusal('--param is not taken: a setting given there would be lost at the next deployment');
  const stage = await resolveVariable('sls:stage');
  try {
    return paramsOf(parseSettings(stage, await resolveVariable(`file(stages/${stage}.yml), null`)), stage);
  } catch (error) {
    throw refusal(error.message);
  }
}

function paramsOf(settings, stage) {
  const { network, addresses, pageEmail, ticketEmail, eventBus, ...inTemplate } = settings;
  const { production, weightLimit, underlyings } = inTemplate;
  const [a, b] = addresses;
  return {
    ...settings,
    plugins: stage === 'local' ? ['serverless-offline'] : [],
    underlyings: underlyings.join(),
    weightLimit: String(weightLimit),
    weightAlarm: Math.floor(0.8 * weightLimit),
    deletionProtection: production || null,
    // A failed first deployment leaves nothing that blocks the next. A resource that a later
    // deployment removes or replaces is kept.
    onDelete: production ? 'RetainExceptOnCreate' : 'Delete',
    onReplace: production ? 'Retain' : 'Delete',
    stackParameters: parameters({
      Network: network,
      AddressA: a?.address,
      AllocationIdA: a?.allocationId,
      AddressB: b?.address,
      AllocationIdB: b?.allocationId,
      PageEmail: pageEmail,
      TicketEmail: ticketEmail,
      EventBus: eventBus,
    }),
    json: JSON.stringify(inTemplate),
  };
}

const parameters = (values) =>
  Object.entries(values).map(([ParameterKey, ParameterValue = '']) => ({ ParameterKey, ParameterValue }));

/** The deploy tool prints the stack of an error, or its message where there is none. */
const refusal = (message) => Object.assign(new Error(message), { stack: undefined });

// The deploy tool loads this module with require.
export { params as 'module.exports' };
