// Verifies a transaction token with jose, as docs/verify-upstream.md shows it. Its argument is where that library is; on
// standard input token, issuer, audience and the key set as JSON; on standard output `verified` and the human, or `refused`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { createLocalJWKSet, jwtVerify } = await import(pathToFileURL(process.argv[2]));
const given = JSON.parse(readFileSync(0, 'utf8'));
const keys = given.jwks.keys.filter((key) => (key.errand_use ?? ['txn']).includes('txn'));
try {
  const { payload } = await jwtVerify(given.token, createLocalJWKSet({ keys }), {
    algorithms: ['Ed25519', 'ES256'],
    typ: 'txntoken+jwt',
    issuer: given.issuer,
    audience: given.audience,
    requiredClaims: ['exp', 'iat', 'txn'],
  });
  console.log('verified', payload.sub);
} catch (wrong) {
  console.log('refused', wrong.message);
}
