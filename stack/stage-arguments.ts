import { parseArguments, UsageError } from '../local/terminal.ts';

/** The options that deploying and rolling back have in common, for `--help`. */
export const OPTIONS_USAGE = `  --stage    default: dev
  --region   default: AWS_REGION, else ap-northeast-1
  --dry-run  prints what would change, and changes nothing
  --yes      changes what is marked "!" as well`;

/** Parses the options that deploying and rolling back have in common. @throws UsageError */
export function stageArguments(args: string[]) {
  const { values } = parseArguments({
    args,
    options: {
      stage: { type: 'string', default: 'dev' },
      region: { type: 'string', default: process.env.AWS_REGION ?? 'ap-northeast-1' },
      to: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    },
  });
  const { stage, region, to, yes } = values;
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new UsageError('--stage takes up to 20 lower-case letters, digits and hyphens');
  return { stage, region, to, yes, dryRun: values['dry-run'] };
}
