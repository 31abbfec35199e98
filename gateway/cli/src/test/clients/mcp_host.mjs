// An ordinary host by the official SDK for TypeScript: declares roots, sampling and elicitation, connects, lists all that the
// server says it is capable of, and calls tools.
//
//   node mcp_host.mjs SERVER ROOT CALLS
//
// SERVER is a URL, or a program and its arguments with U+001F between. ROOT is the folder that the host lets the server work in.
// CALLS is a JSON array of [tool, arguments]. The folder of the SDK is in MCP_NODE. It prints one JSON object: the capabilities, the
// tools, the result of each call, and what the SDK complained of.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.env.MCP_NODE}/package.json`);
const load = (path) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${path}`)));
const { Client } = await load('client/index.js');
const { StreamableHTTPClientTransport } = await load('client/streamableHttp.js');
const { StdioClientTransport } = await load('client/stdio.js');
const types = await load('types.js');

const [server, root, calls] = process.argv.slice(2);
const complaints = [];
const client = new Client(
  { name: 'errand-host', version: '1.0.0' },
  { capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} } },
);
client.onerror = (error) => complaints.push(String(error));
client.setRequestHandler(types.ListRootsRequestSchema, () => ({ roots: [{ uri: pathToFileURL(root).href }] }));
client.setRequestHandler(types.CreateMessageRequestSchema, () => ({
  role: 'assistant', model: 'of-the-test', content: { type: 'text', text: 'sampled' },
}));
client.setRequestHandler(types.ElicitRequestSchema, () => ({ action: 'decline' }));
const words = server.split('\u001f');
const transport = words[0].includes('://')
  ? new StreamableHTTPClientTransport(new URL(server))
  : new StdioClientTransport({ command: words[0], args: words.slice(1), env: process.env });
await client.connect(transport);
const capable = client.getServerCapabilities() ?? {};
let tools = capable.tools ? (await client.listTools()).tools : [];
// A server may add tools when it has heard what its host is capable of, and says so by a message.
const wanted = JSON.parse(calls).slice(0, -1).map(([name]) => name);
const until = Date.now() + 20_000;
while (wanted.some((name) => !tools.some((tool) => tool.name === name)) && Date.now() < until) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  tools = (await client.listTools()).tools;
}
if (capable.prompts) await client.listPrompts();
if (capable.resources) {
  await client.listResources();
  await client.listResourceTemplates();
}
if (capable.logging) await client.setLoggingLevel('warning');
await client.ping();
await client.sendRootsListChanged();
const results = [];
for (const [name, args] of JSON.parse(calls)) {
  try {
    const { content } = await client.callTool({ name, arguments: args });
    results.push(content.map((part) => part.text ?? '').join(' '));
  } catch (refused) {
    results.push(refused.message);
  }
}
await transport.terminateSession?.();
await client.close();
console.log(
  JSON.stringify({
    revision: 'sdk',
    capabilities: Object.keys(capable).sort(),
    tools: tools.map((tool) => tool.name).sort(),
    results,
    complaints,
  }),
);
process.exit(0);
