// The official client over mutual TLS: the token as bearer, and a client certificate of its key.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch } from 'undici';

const { ERRAND_ADDRESS, TOKEN, CERTIFICATE, AUTHORITY } = process.env;
const pem = readFileSync(CERTIFICATE);
const dispatcher = new Agent({ connect: { cert: pem, key: pem, ca: readFileSync(AUTHORITY) } });
const transport = new StreamableHTTPClientTransport(new URL(`${ERRAND_ADDRESS}/mcp`), {
  fetch: (url, init) => fetch(url, { ...init, dispatcher }),
  requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } },
});
const client = new Client({ name: 'errand-test', version: '1.0.0' });
await client.connect(transport);
console.log((await client.listTools()).tools.map((tool) => tool.name).join(' '));
console.log((await client.callTool({ name: 'echo', arguments: { message: 'by a bearer' } })).content[0].text);
try {
  await client.callTool({ name: 'get-env', arguments: {} });
} catch (error) {
  console.log(error.message);
}
await client.close();
await dispatcher.close();
