// The official client: lists and calls tools, and prints what it saw as one line of JSON.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const client = new Client({ name: 'errand-test', version: '1.0.0' });
const transport = new StreamableHTTPClientTransport(new URL(`${process.env.ERRAND_ADDRESS}/mcp`));
await client.connect(transport);
const attempt = async (name, args) => {
  try {
    return (await client.callTool({ name, arguments: args })).content[0].text;
  } catch (error) {
    return `refused: ${error.message}`;
  }
};
const seen = {
  session: Boolean(transport.sessionId),
  tools: (await client.listTools()).tools.map((tool) => tool.name).sort(),
  prompts: (await client.listPrompts()).prompts.map((prompt) => prompt.name).sort(),
  echo: await attempt('echo', { message: 'through the gateway' }),
  sum: await attempt('get-sum', { a: 2, b: 3 }),
  tooLarge: await attempt('get-sum', { a: 200, b: 3 }),
  env: await attempt('get-env', {}),
};
await transport.terminateSession();
await client.close();
console.log(JSON.stringify(seen));
process.exit(0);
