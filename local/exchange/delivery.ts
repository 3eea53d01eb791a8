import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Answer } from './answers.ts';
import type { Fault } from './fault.ts';

/** Sends an answer: whole, or half of it, or padded, as the fault says. The fault's headers win. */
export function deliver(response: ServerResponse, answer: Answer, usedWeight: number, fault: Fault): void {
  const { ending, padMiB } = fault;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    // A padded answer announces no length, so that the reader has to count the bytes.
    ...(padMiB === undefined && { 'Content-Length': body.length }),
    'Content-Type': 'application/json',
    'X-MBX-USED-WEIGHT-1M': usedWeight,
    ...answer.headers,
    ...fault.headers,
  });
  if (padMiB !== undefined) {
    const padding = Array<Buffer>(padMiB * 16).fill(Buffer.alloc(64 * 1024, ' '));
    Readable.from([body, ...padding]).pipe(response);
  } else if (ending === 'truncate' || ending === 'stall') {
    response.write(body.subarray(0, body.length >> 1), () => {
      if (ending === 'truncate') response.destroy();
    });
  } else {
    response.end(body);
  }
}

/**
 * Breaks the connection with a TCP reset. A TLS connection is closed instead, since TLS hides the
 * socket.
 */
export function breakOff({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
