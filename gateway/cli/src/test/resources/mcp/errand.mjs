// Preloaded with --import: the headers of a call on every fetch to the gateway. That is all an MCP client needs.
const { Key, Gateway } = await import(process.env.ERRAND_AGENT);

const address = new URL(process.env.ERRAND_ADDRESS).origin;
const issuer = process.env.ERRAND_ISSUER;
const key = new Key();
const task = await new Gateway(address, issuer).start(
  key,
  process.env.ERRAND_HUMAN,
  process.env.ERRAND_SVID,
  JSON.parse(process.env.ERRAND_START),
);
const plain = globalThis.fetch;

globalThis.fetch = (input, init = {}) => {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? input);
  if (url.origin !== address) return plain(input, init);
  const headers = new Headers(init.headers ?? request?.headers);
  const method = init.method ?? request?.method ?? 'GET';
  headers.set('Authorization', `DPoP ${task.access_token}`);
  headers.set('DPoP', key.dpop(method, issuer + url.pathname, task.access_token));
  return plain(input, { ...init, headers });
};
