// The vectors of clients/vectors, byte for byte.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, importJWK, compactVerify } from 'jose';
import { Key } from '../src/index.js';
import { claimsOf, derive } from '../src/token.js';
import { VECTORS } from './stub.js';

const keys = Object.fromEntries(
  await Promise.all(Object.entries(VECTORS.keys).map(async ([name, jwk]) => [name, await Key.of(jwk)])),
);
const tokens = { root: VECTORS.token.jws, ...Object.fromEntries(VECTORS.children.map((one) => [one.holder, one.jws])) };
const now = VECTORS.now;

test('thumbprints', () => {
  for (const [name, thumbprint] of Object.entries(VECTORS.thumbprints)) assert.equal(keys[name].thumbprint, thumbprint);
});

test('a token', async () => {
  assert.equal(await keys.issuer.sign('aat+jwt', claimsOf(tokens.root)), tokens.root);
});

test('derived children', async () => {
  assert.equal(VECTORS.children.length, 2);
  for (const { parent, holder, narrowing, jti, jws } of VECTORS.children) {
    assert.equal(await derive(keys[parent], tokens[parent], keys[holder].jwk, narrowing, { jti, now }), jws);
  }
});

test('proofs', async () => {
  assert.equal(VECTORS.proofs.length, 3);
  for (const { holder, method, url, token, nonce, jti, jws } of VECTORS.proofs) {
    const more = { nonce: nonce ?? undefined, jti, now };
    assert.equal(await keys[holder].proof(method, url, token === null ? undefined : tokens[token], more), jws);
  }
});

test('what is wider is not written', () => {
  for (const narrowing of [
    { calls: 101 },
    { calls: 1.5 },
    { children: -1 },
    { maxDepth: 3 },
    { lifetime: 0 },
    { allow: ['tickets:ticket.delete'] },
    { allow: { 'tickets:ticket.delete': {} } },
  ]) {
    assert.throws(() => derive(keys.root, tokens.root, keys.child.jwk, narrowing), RangeError);
  }
  assert.throws(() => derive(keys.grandchild, tokens.grandchild, keys.child.jwk), RangeError);
  assert.throws(() => claimsOf('nothing'), TypeError);
});

test('operations keep the arguments of the parent', async () => {
  const child = await derive(keys.root, tokens.root, keys.child.jwk, { allow: ['tickets:ticket.comment'] });
  assert.deepEqual(claimsOf(child).authorization_details[0].tools, {
    'tickets:ticket.comment': { resource: { constraint_type: 'exact', value: '17' } },
  });
});

test('a key of P-256 signs', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = await Key.of(await exportJWK(privateKey));
  const proof = await key.proof('GET', 'https://gateway.example.org/a?b#c');
  const { protectedHeader } = await compactVerify(proof, await importJWK(key.jwk, 'ES256'));
  assert.equal(claimsOf(proof).htu, 'https://gateway.example.org/a');
  assert.deepEqual(Object.keys(protectedHeader.jwk).sort(), ['crv', 'kty', 'x', 'y']);
});

test('no secret is printed, and a fresh key cannot be exported', async () => {
  const fresh = await Key.generate();
  assert.ok(!inspect(keys.root, { depth: 9, showHidden: true }).includes(VECTORS.keys.root.d));
  assert.ok(!`${JSON.stringify(keys.root)}${keys.root}`.includes(VECTORS.keys.root.d));
  assert.deepEqual(Object.keys(fresh.jwk).sort(), ['crv', 'kty', 'x']);
  for (const wrong of [{}, { ...VECTORS.keys.root, d: undefined }, { ...VECTORS.keys.root, crv: 'X25519' }]) {
    await assert.rejects(Key.of(wrong), TypeError);
  }
});
