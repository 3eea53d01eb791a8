import { describe, expect, test } from '@jest/globals';
import { differenceLines, differencesOf, refuseBlocked } from '../../stack/live.ts';
import { parseSettings, SettingsError } from '../../stack/settings.ts';

const production = { production: true, pageEmail: 'desk@example.com' };

describe('the settings of a stage', () => {
  test('are the testnet’s or the exchange’s, as production says', () => {
    expect(parseSettings('prod-desk2', { production: false }).exchangeUrl).toBe(
      'https://demo-fapi.binance.com',
    );
    expect(parseSettings('anything', production).exchangeUrl).toBe('https://eapi.binance.com');
  });

  test('accept 90 % as many requests as the weight limit allows cancels', () => {
    expect(parseSettings('dev', { production: false }).requestsPerSecond).toBe(6);
    expect(parseSettings('dev', { production: false, weightLimit: 1000 }).requestsPerSecond).toBe(15);
  });

  test('take an address for each zone', () => {
    const addresses = [{ address: '203.0.113.7', allocationId: 'eipalloc-0a' }];
    expect(parseSettings('prod', { ...production, network: 'single', addresses }).addresses).toEqual(
      addresses,
    );
  });

  test.each([
    [undefined, 'stages/dev.yml is missing: write one, as in stages/dev.yml'],
    [{}, 'production is missing: set it'],
    [{ production: 'yes' }, 'production must be true or false'],
    [{ production: false, vpc: 'on' }, 'vpc is not a setting: remove it or correct its name'],
    [{ production: false, network: 'on' }, 'network must be none, single or ha'],
    [{ production: true }, 'pageEmail is empty: a production stage needs someone to page'],
    [{ production: false, pageEmail: 'desk' }, "pageEmail must be one e-mail address, or '' for none"],
    [{ production: false, weightLimit: 1.5 }, 'weightLimit must be a whole number from 10 to 1000000'],
    [{ production: false, concurrency: { queue: 3 } }, 'concurrency.queue must be at least 4'],
    [{ production: false, concurrency: { que: 3 } }, 'concurrency.que is not a setting'],
    [
      {
        production: false,
        network: 'single',
        addresses: ['a', 'b'].map((id) => ({ address: '203.0.113.7', allocationId: `eipalloc-${id}` })),
      },
      'addresses has 2 entries: network single takes 1 at most',
    ],
    [
      { production: false, addresses: [{ address: '203.0.113.7' }] },
      'addresses.0.allocationId is missing: set it',
    ],
  ])('refuse %j', (given, message) => {
    expect(() => parseSettings('dev', given)).toThrow(SettingsError);
    expect(() => parseSettings('dev', given)).toThrow(message);
  });
});

describe('the differences of a deployment', () => {
  test('are none between equal values, and between none and an empty one', () => {
    expect(differencesOf({ Network: 'ha', EventBus: '' }, { Network: 'ha' })).toEqual([]);
  });

  test('mark and show first what could leave the switch dead or dumb', () => {
    const live = {
      weightLimit: '400',
      Network: 'ha',
      PageEmail: 'desk@example.com',
      AddressA: '203.0.113.7',
    };
    const lines = differenceLines(differencesOf(live, { weightLimit: '500', Network: 'none' }));
    expect(lines).toEqual([
      '  ! AddressA: 203.0.113.7 → (none)',
      '  ! Network: ha → none',
      '  ! PageEmail: desk@example.com → (none)',
      '    weightLimit: 400 → 500',
    ]);
  });
});

describe('a stack that takes no deployment', () => {
  const blocked = (status: string) => () => refuseBlocked('desk', 'eu-central-1', { status, values: {} });

  test.each([
    ['UPDATE_IN_PROGRESS', 'wait for its end, then repeat'],
    ['UPDATE_ROLLBACK_FAILED', 'continue-update-rollback --stack-name desk --region eu-central-1'],
    ['ROLLBACK_COMPLETE', 'delete-stack --stack-name desk --region eu-central-1'],
    ['REVIEW_IN_PROGRESS', 'delete-stack --stack-name desk --region eu-central-1'],
    ['DELETE_FAILED', 'delete-stack --stack-name desk --region eu-central-1'],
  ])('%s: is refused with the way out', (status, fix) => {
    expect(blocked(status)).toThrow(`desk is ${status}: `);
    expect(blocked(status)).toThrow(fix);
  });

  test.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'])('%s: is none', (status) => {
    expect(blocked(status)).not.toThrow();
  });
});
