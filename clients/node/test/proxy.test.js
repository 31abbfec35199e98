// A proxy of the environment reads nothing of a holder's: what would go through it is not sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Task } from '../src/index.js';
import { VECTORS, stub } from './stub.js';

const NAMES = ['NODE_USE_ENV_PROXY', 'NODE_OPTIONS', 'http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY'];

/** Runs with these of the variables, and with none of the others. */
async function within(environment, run) {
  const before = NAMES.map((name) => [name, process.env[name]]);
  const set = ([name, value]) => (value === undefined ? delete process.env[name] : (process.env[name] = value));
  try {
    for (const name of NAMES) set([name, environment[name]]);
    return await run();
  } finally {
    before.forEach(set);
  }
}

/** A gateway, and a proxy that it is not to be reached through. */
async function withProxy(run) {
  const [gateway, proxy] = [await stub(), await stub()];
  try {
    await run(gateway, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.address });
    assert.equal(proxy.requests.length, 0);
  } finally {
    gateway.close();
    proxy.close();
  }
}

test('a plain gateway or companion that a proxy stands before is not spoken to', () =>
  withProxy(async (gateway, environment) => {
    const url = `${gateway.address}/secret/derive`;
    for (const more of [{}, { NO_PROXY: 'example.org,127.0.0.10' }, { no_proxy: '', NO_PROXY: '*' }]) {
      await within({ ...environment, ...more }, async () => {
        await assert.rejects(gateway.task(), /name 127\.0\.0\.1 in NO_PROXY/);
        await assert.rejects(Task.below({ url }), (error) => /NO_PROXY/.test(error.message) && !/secret/.test(error.message));
      });
    }
    const { HTTP_PROXY } = environment;
    await within({ NODE_OPTIONS: '--no-warnings --use-env-proxy', http_proxy: HTTP_PROXY }, () =>
      assert.rejects(gateway.task(), /NO_PROXY/),
    );
    assert.equal(gateway.requests.length, 0);
  }));

test('who passes the proxy by, has none, or fetches by other means, is served', () =>
  withProxy(async (gateway, environment) => {
    const host = gateway.address.replace('http://', '');
    const passed = ['127.0.0.1', `a.example ${host}`, 'a.example,127.0.0.1', '*'].map((NO_PROXY) => ({ ...environment, NO_PROXY }));
    for (const served of [...passed, { ...environment, http_proxy: '' }, { HTTP_PROXY: environment.HTTP_PROXY }]) {
      await within(served, gateway.task);
    }
    await within(environment, async () => {
      const fetch = async () => new Response(JSON.stringify({ issuer: VECTORS.issuer }));
      assert.equal((await gateway.task({ fetch })).token, VECTORS.children[0].jws);
    });
  }));
