// A stand-in for a gateway, which gives the answers of a list and remembers the requests.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Key, Task } from '../src/index.js';
import { claimsOf } from '../src/token.js';

export const VECTORS = JSON.parse(readFileSync(new URL('../../vectors/vectors.json', import.meta.url), 'utf8'));
/** What stands for an answer that never comes: the connection is closed once the request was read. */
export const BROKEN = Symbol('broken');

/** What the gateway tells the agent to do, where it is not `change`. A plan or a rule refuses here only while a call is pending. */
const NEXT = {
  'task-ended': 'stop',
  'approval-required': 'wait',
  'chain-incomplete': 'retry',
  'rate-exceeded': 'retry',
  'decision-unavailable': 'retry',
  'upstream-unavailable': 'retry',
  'sequence-violation': 'retry',
  'rule-violation': 'retry',
};

export const permitted = () => ({ status: 200, headers: { 'Errand-Operation': 'tickets:ticket.read' }, body: '{}' });

export function refused(status, code, { sent = 'no', ...headers } = {}) {
  const problem = { code, decision: 'd-2', detail: `because of ${code}`, status };
  const told = sent === null ? {} : { 'Errand-Sent': sent };
  return {
    status,
    headers: { 'Errand-Decision': 'd-2', 'Errand-Code': code, 'Errand-Next': NEXT[code] ?? 'change', ...told, ...headers },
    body: JSON.stringify(problem),
  };
}

export async function stub() {
  const gateway = { issuer: VECTORS.issuer, answers: [], requests: [] };
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.url === '/.well-known/oauth-authorization-server') {
      response.end(JSON.stringify({ issuer: gateway.issuer }));
      return;
    }
    const { method, url: target, headers } = request;
    const proof = headers.dpop && claimsOf(headers.dpop);
    gateway.requests.push({ method, target, headers, proof, body: Buffer.concat(parts).toString() });
    const answer = gateway.answers.shift() ?? permitted();
    if (answer === BROKEN) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  gateway.address = `http://127.0.0.1:${server.address().port}`;
  gateway.close = () => {
    server.closeAllConnections();
    server.close();
  };
  /** The holder of a token of the vectors. */
  gateway.task = async (more) =>
    Task.of({
      token: VECTORS.children[0].jws,
      chain: VECTORS.token.jws,
      key: await Key.of(VECTORS.keys.child),
      gateway: gateway.address,
      ...more,
    });
  return gateway;
}

/** The refusal that a call ends with. */
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (error.name === 'Refused') return error;
    throw error;
  }
  throw new Error('the call was not refused');
}
