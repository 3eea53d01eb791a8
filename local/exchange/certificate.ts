import { generate } from 'selfsigned';
import type { TlsIdentity } from './listener.ts';

/**
 * Returns a new self-signed certificate for 127.0.0.1 and localhost, valid for a day. A client that
 * has `cert` as its `ca`, or in `NODE_EXTRA_CA_CERTS`, can verify the connection.
 */
export async function freshCertificate(): Promise<TlsIdentity> {
  const notBeforeDate = new Date(Date.now() - 60_000);
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + 24 * 60 * 60 * 1000),
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
