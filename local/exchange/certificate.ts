import { generate } from 'selfsigned';
import type { TlsIdentity } from './listener.ts';

/**
 * Returns a new self-signed certificate for 127.0.0.1 and localhost, valid for a year. A client that
 * has `cert` as its `ca`, or in `NODE_EXTRA_CA_CERTS`, can verify the connection.
 */
export async function freshCertificate(): Promise<TlsIdentity> {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
