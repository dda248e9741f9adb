// PostgreSQL with pgvector, in this process and in memory (PGlite). Prints the port of the loopback address it listens on; ends with its standard input.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const server = new PGLiteSocketServer({ db: await PGlite.create({ extensions: { vector } }), host: '127.0.0.1', port: 0, maxConnections: 50 });
server.addEventListener('listening', event => console.log(event.detail.port));
await server.start();
process.stdin.resume().on('end', () => process.exit(0));
