import { ApiError } from './answers.ts';
import { documentedOrder, type NewOrder } from './orders.ts';
import { clientName, decimal, mandatory, optional, optionSymbol, type Parameters } from './parameters.ts';

/**
 * Returns the order that a `POST /eapi/v1/order` asks for, without its id.
 *
 * @throws ApiError for a wrong parameter
 */
export function newOrderTerms(
  parameters: Parameters,
): Omit<NewOrder, 'orderId' | 'account' | 'createTime' | 'updateTime'> {
  return {
    ...documentedOrder,
    symbol: optionSymbol(parameters),
    side: sideOf(parameters),
    type: typeOf(parameters),
    quantity: quantityOf(parameters),
    price: decimal('price', mandatory(parameters, 'price')),
    timeInForce: timeInForceOf(parameters),
    clientOrderId: nameOf(parameters),
    reduceOnly: flag(parameters, 'reduceOnly'),
    postOnly: flag(parameters, 'postOnly'),
    mmp: flag(parameters, 'isMmp'),
  };
}

function sideOf(parameters: Parameters): NewOrder['side'] {
  const side = mandatory(parameters, 'side');
  if (side === 'BUY' || side === 'SELL') return side;
  throw new ApiError(400, -1117, 'Invalid side.');
}

function typeOf(parameters: Parameters): NewOrder['type'] {
  const type = mandatory(parameters, 'type');
  if (type === 'LIMIT') return type;
  throw new ApiError(400, -1116, 'Invalid orderType.');
}

function timeInForceOf(parameters: Parameters): NewOrder['timeInForce'] {
  const timeInForce = optional(parameters, 'timeInForce') ?? 'GTC';
  if (timeInForce === 'GTC' || timeInForce === 'IOC' || timeInForce === 'FOK') return timeInForce;
  throw new ApiError(400, -1115, 'Invalid timeInForce.');
}

function quantityOf(parameters: Parameters): string {
  const quantity = decimal('quantity', mandatory(parameters, 'quantity'));
  if (Number(quantity) > 0) return quantity;
  throw new ApiError(400, -4003, 'Quantity less than zero.');
}

/** The options API calls it `clientOrderId`, the other APIs `newClientOrderId`. */
function nameOf(parameters: Parameters): string {
  const own = optional(parameters, 'clientOrderId') ?? optional(parameters, 'newClientOrderId');
  return own === undefined ? '' : clientName('clientOrderId', own);
}

function flag(parameters: Parameters, name: string): boolean {
  const value = optional(parameters, name) ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new ApiError(400, -1130, `Data sent for parameter '${name}' is not valid.`);
}
