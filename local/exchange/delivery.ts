import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Answer } from './answers.ts';
import type { Fault } from './fault.ts';

/** Sends an answer, cut short or padded as the fault says. */
export function deliver(response: ServerResponse, answer: Answer, { ending, padMiB }: Fault): void {
  if (ending === 'truncate' || ending === 'stall') sendHalf(response, answer, ending);
  else if (padMiB !== undefined) sendPadded(response, answer, padMiB);
  else sendWhole(response, answer);
}

/**
 * Breaks the connection with a TCP reset. A TLS connection is closed instead, since TLS hides the
 * socket.
 */
export function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function sendWhole(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** Announces the length of the whole body and sends half of it. */
function sendHalf(
  response: ServerResponse,
  { status, headers, body }: Answer,
  ending: 'truncate' | 'stall',
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'Content-Length': bytes.length, ...headers });
  response.write(bytes.subarray(0, bytes.length >> 1), () => {
    if (ending === 'truncate') response.destroy();
  });
}

/** Announces no length, so that the reader has to count the bytes. */
function sendPadded(response: ServerResponse, { status, headers, body }: Answer, mib: number): void {
  const padding = Buffer.alloc(64 * 1024, ' ');
  let left = mib * 16;
  const sendMore = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(padding)) return response.once('drain', sendMore);
    }
    return response.end();
  };
  response.writeHead(status, { ...headers });
  response.write(body);
  sendMore();
}
