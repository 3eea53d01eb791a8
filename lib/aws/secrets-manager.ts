/**
 * Re-exports the used parts of the SDK. A bundler keeps a dynamic import of the package itself
 * whole, with every command of Secrets Manager.
 */
export { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
