import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** A certificate and its private key, both PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** An HTTP(S) server on 127.0.0.1 that can be closed while clients are connected. */
export class Listener {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(onRequest: RequestListener, tls?: TlsIdentity) {
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
    // Longer than any client keeps a connection idle, so that the server never closes one that is
    // about to be used.
    this.#server.keepAliveTimeout = 10 * 60 * 1000;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** Listens on any free port of 127.0.0.1, or after a close on the same one as before. */
  async open(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and destroys every open connection. Does nothing when it is closed. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
