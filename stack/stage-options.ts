import { UsageError } from '../tools/terminal.ts';

/** The options that deploying and rolling back have in common. */
export const STAGE_OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  region: { type: 'string', default: process.env.AWS_REGION ?? 'ap-northeast-1' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

/** Describes them for `--help`. */
export const STAGE_USAGE = `  --stage    default: dev
  --region   default: AWS_REGION, else ap-northeast-1
  --dry-run  prints what would change, and changes nothing
  --yes      changes what is marked "!" as well`;

/** Returns the values of these options. @throws UsageError for a name that no stage can have */
export function stageIn(values: { stage: string; region: string; 'dry-run': boolean; yes: boolean }) {
  const { stage, region, 'dry-run': dryRun, yes } = values;
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new UsageError('--stage takes up to 20 lower-case letters, digits and hyphens');
  return { stage, region, yes, dryRun };
}
