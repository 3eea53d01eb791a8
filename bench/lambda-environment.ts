/** The variables that Lambda sets and that an SDK or a logger reads. */
const LAMBDA = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_SESSION_TOKEN: 'local',
} as const;

/** Returns the environment of a measured process. It inherits nothing from this process. */
export function lambdaEnvironment(
  surroundings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...LAMBDA, BINANCE_WEIGHT_LIMIT: '1000000', ...surroundings };
}
