/** What Lambda sets in every function's environment, as far as an SDK or a logger looks at it. */
const LAMBDA = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_SESSION_TOKEN: 'local',
} as const;

/** The environment of a measured process: Lambda's variables, the surroundings' own, and nothing of this process's. */
export function lambdaEnvironment(
  surroundings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...LAMBDA, BINANCE_WEIGHT_LIMIT: '1000000', ...surroundings };
}
