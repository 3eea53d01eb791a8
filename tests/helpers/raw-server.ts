import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP server on a free port of the loopback; disposing of it ends every connection. */
export interface TcpServer extends AsyncDisposable {
  readonly port: number;
  /** Connections opened so far. */
  readonly connections: number;
}

/** A TCP server that takes HTTP requests apart no further than to their bytes. */
export interface RawServer extends TcpServer {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: URL;
  /** Request heads received so far, line ends included, one character per byte. */
  readonly requests: readonly string[];
}

/** Answers one request (its number from 1 on) by writing bytes, or by what it does to the connection. */
export type OnRequest = (socket: Socket, number: number) => unknown;

const END_OF_HEAD = '\r\n\r\n';

/** Starts a server that does this to every connection. */
export async function startTcpServer(onConnection: (socket: Socket) => unknown): Promise<TcpServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    get connections() {
      return sockets.length;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes a connection on to another port, to count it or to break it. */
export const passOnTo = (port: number) => (socket: Socket) => {
  const upstream = connect(port, '127.0.0.1');
  upstream.on('error', () => socket.destroy());
  socket.pipe(upstream).pipe(socket);
};

/** Starts a server that does this to every request without a body, of any connection. */
export async function startRawServer(onRequest: OnRequest): Promise<RawServer> {
  const requests: string[] = [];
  const server = await startTcpServer((socket) => {
    let received = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      if (!received.endsWith(END_OF_HEAD)) return;
      requests.push(received);
      received = '';
      onRequest(socket, requests.length);
    });
  });
  return Object.assign(server, { origin: new URL(`http://127.0.0.1:${server.port}`), requests });
}

/** The bytes of a whole answer, with its length announced. */
export function httpAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Text\r\n${lines.join('')}\r\n${body}`;
}
