// Starts and ends, when a call is made again, and what never gets anything of the holder's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, Task } from '../src/index.js';
import { BROKEN, VECTORS, permitted, refusal, refused, stub } from './stub.js';

/** A test with a gateway of its own. */
const gatewayTest = (name, run) =>
  test(name, async () => {
    const gateway = await stub();
    try {
      await run(gateway);
    } finally {
      gateway.close();
    }
  });
const put = (task, body = 'body') => task.fetch('/tickets/a%20b?c=d', { method: 'PUT', body });
const asked = () => refused(401, 'invalid-proof', { 'DPoP-Nonce': 'n1', 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' });

gatewayTest('a start says what is asked for, and the end ends it', async (gateway) => {
  gateway.answers = [
    { status: 400, headers: { 'DPoP-Nonce': 'n1' }, body: '{"error":"use_dpop_nonce"}' },
    { status: 200, body: JSON.stringify({ access_token: VECTORS.token.jws, task_id: 't-1' }) },
  ];
  const task = await Task.start({
    gateway: gateway.address,
    template: 'triage',
    parameters: { ticket: '17' },
    subjectToken: 'human',
    svid: 'svid',
    calls: 3,
    allow: { 'tickets:ticket.read': {} },
  });
  assert.equal(task.id, 't-1');
  await task.end();
  const [first, second, end] = gateway.requests;
  assert.deepEqual(gateway.requests.map((one) => one.proof.nonce), [undefined, 'n1', 'n1']);
  const form = new URLSearchParams(second.body);
  assert.equal(form.get('subject_token'), 'human');
  assert.equal(form.get('client_assertion'), 'svid');
  const [start, tools] = JSON.parse(form.get('authorization_details'));
  assert.deepEqual(start, { type: 'errand_start', template: 'triage', parameters: { ticket: '17' }, calls: 3 });
  assert.deepEqual(tools.tools, { 'tickets:ticket.read': {} });
  assert.equal(end.target, '/oauth2/revoke');
  assert.ok(end.proof.ath && !first.proof.ath);
});

gatewayTest('a human is asked, and the answer awaited', async (gateway) => {
  const told = (error) => ({ status: 400, body: JSON.stringify({ error }) });
  const ok = (answer) => ({ status: 200, body: JSON.stringify(answer) });
  const asked = { device_code: 'd', user_code: 'BCDF-GHJK', verification_uri_complete: 'https://g/start?user_code=BCDF' };
  const first = ok({ ...asked, expires_in: 60, interval: 0 });
  const done = ok({ access_token: VECTORS.token.jws, task_id: 't-1' });
  const shown = [];
  let svids = 0;
  const ask = () =>
    Task.ask({
      gateway: gateway.address,
      template: 'triage',
      purpose: 'look',
      sequence: [{ 'a:b': 1 }],
      svid: () => `svid${(svids += 1)}`,
      tell: (...told) => shown.push(told),
    });
  gateway.answers.push(first, told('authorization_pending'), refused(503, 'decision-unavailable'), done);
  const task = await ask();
  assert.equal(task.id, 't-1');
  assert.deepEqual(shown, [['https://g/start?user_code=BCDF', 'BCDF-GHJK']]);
  const forms = gateway.requests.map(({ body }) => new URLSearchParams(body));
  assert.equal(gateway.requests[0].target, '/oauth2/device_authorization');
  const [start] = JSON.parse(forms[0].get('authorization_details'));
  assert.deepEqual([start.purpose, start.sequence], ['look', [{ 'a:b': 1 }]]);
  assert.deepEqual([forms[3].get('device_code'), forms[3].get('client_assertion')], ['d', 'svid4']);
  for (const error of ['access_denied', 'expired_token']) {
    gateway.answers.push(first, told('authorization_pending'), told(error));
    assert.equal((await refusal(ask())).code, error);
  }
  gateway.answers.push(ok({ ...asked, expires_in: 0, interval: 0 }), told('authorization_pending'));
  assert.match((await refusal(ask())).message, /no human allowed the task in time/);
});

gatewayTest('a start that is refused says why', async (gateway) => {
  const body = '{"error":"invalid_grant","error_description":"another start"}';
  gateway.answers = [{ status: 400, headers: { 'Retry-After': '3' }, body }];
  const start = Task.start({ gateway: gateway.address, template: 'triage', subjectToken: 'human', svid: 'svid' });
  const told = await refusal(start);
  assert.deepEqual([told.code, told.decision, told.retry_after], ['invalid_grant', undefined, 3]);
  assert.equal(told.message, 'invalid_grant: another start');
  assert.equal(gateway.requests.length, 1);
});

gatewayTest('a permitted call is made once', async (gateway) => {
  await put(await gateway.task());
  const [request] = gateway.requests;
  assert.equal(gateway.requests.length, 1);
  assert.equal(request.proof.htu, `${VECTORS.issuer}/tickets/a%20b`);
  assert.equal(request.proof.htm, 'PUT');
  assert.equal(request.headers.authorization, `DPoP ${VECTORS.children[0].jws}`);
  assert.equal(request.headers['delegation-chain'], VECTORS.token.jws);
});

gatewayTest('what may have been sent is never repeated', async (gateway) => {
  const task = await gateway.task({ wait: 30 });
  for (const sent of ['maybe', null]) {
    for (const code of ['decision-unavailable', 'rate-exceeded', 'chain-incomplete', 'upstream-unavailable']) {
      gateway.answers = [refused(503, code, { sent, 'Retry-After': '0' })];
      gateway.requests = [];
      const told = await refusal(put(task));
      assert.deepEqual([told.code, told.sent, told.decision], [code, 'maybe', 'd-2']);
      assert.equal(gateway.requests.length, 1);
    }
  }
});

gatewayTest('what broke after it was sent is never repeated', async (gateway) => {
  for (const method of ['PUT', 'GET']) {
    gateway.answers = [BROKEN];
    gateway.requests = [];
    await assert.rejects((await gateway.task({ wait: 30 })).fetch('/a', { method }), TypeError);
    assert.equal(gateway.requests.length, 1);
  }
});

gatewayTest('the nonce is taken up at once, and once', async (gateway) => {
  const task = await gateway.task();
  gateway.answers = [asked()];
  await put(task);
  await put(task);
  assert.deepEqual(gateway.requests.map((one) => one.proof.nonce), [undefined, 'n1', 'n1']);
  assert.equal(new Set(gateway.requests.map((one) => one.proof.jti)).size, 3);
  gateway.answers = [asked(), asked()];
  assert.equal((await refusal(put(task))).code, 'invalid-proof');
});

gatewayTest('the chain is left out once known, and sent again when asked for', async (gateway) => {
  const task = await gateway.task();
  await put(task);
  gateway.answers = [refused(401, 'chain-incomplete')];
  await put(task);
  assert.deepEqual(gateway.requests.map((one) => 'delegation-chain' in one.headers), [true, false, true]);
});

gatewayTest('waits as long as it was told to, and no longer', async (gateway) => {
  const task = await gateway.task({ wait: 2 });
  for (const code of ['rate-exceeded', 'decision-unavailable', 'sequence-violation', 'rule-violation']) {
    gateway.answers = [refused(429, code, { 'Retry-After': '0' }), refused(503, code, { 'Retry-After': '0' })];
    gateway.requests = [];
    await put(task);
    assert.equal(gateway.requests.length, 3);
  }
  gateway.requests = [];
  gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '7' })];
  assert.equal((await refusal(put(task))).retryAfter, 7);
  gateway.answers = [refused(403, 'not-granted', { 'Retry-After': '0' })];
  assert.equal((await refusal(put(task))).status, 403);
  gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '1' })];
  assert.equal((await refusal(put(await gateway.task()))).retryAfter, 1);
  gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '0', 'Errand-Next': 'stop' })];
  assert.equal((await refusal(put(task))).next, 'stop');
  assert.equal(gateway.requests.length, 4);
});

gatewayTest('an approval whose time is over is not asked for anew', async (gateway) => {
  const where = { 'Retry-After': '0', 'Errand-Approval': 'https://a.example/approvals/a-1; expires_in=4' };
  gateway.answers = Array(9).fill(refused(403, 'approval-required', where));
  assert.equal((await refusal(put(await gateway.task({ wait: 10 })))).code, 'approval-required');
  assert.equal(gateway.requests.length, 2);
});

gatewayTest('no call opens a second request for approval', async (gateway) => {
  const asked = (id, expires) =>
    refused(403, 'approval-required', { 'Retry-After': '1', 'Errand-Approval': `https://a.example/${id}; expires_in=${expires}` });
  const rate = refused(429, 'rate-exceeded', { 'Retry-After': '1' });
  const now = performance.now.bind(performance);
  const task = await gateway.task({ wait: 100 });
  try {
    // The request of the first answer stands for 20 s; the second answer comes so many seconds later.
    for (const [second, later, requests] of [
      [asked('a-2', 20), 18, 2],
      [asked('a-2', 20), 10, 3],
      [rate, 17.5, 2],
      [rate, 10, 3],
    ]) {
      gateway.requests = [];
      gateway.answers = [asked('a-1', 20), second];
      performance.now = () => now() + (gateway.requests.length > 1 ? later * 1000 : 0);
      await put(task).catch(() => {});
      assert.equal(gateway.requests.length, requests, `${second.status} after ${later} s`);
    }
  } finally {
    delete performance.now;
  }
});

gatewayTest('an approval is waited for, and where people decide is said once', async (gateway) => {
  const warned = [];
  const note = (warning) => warned.push(`${warning.name}: ${warning.message}`);
  process.on('warning', note);
  try {
    const where = { 'Retry-After': '0', 'Errand-Approval': 'https://a.example/approvals/a-1; expires_in=60' };
    const asked = refused(403, 'approval-required', where);
    gateway.answers = [asked, asked];
    const task = await gateway.task({ wait: 10 });
    await put(task);
    assert.equal(gateway.requests.length, 3);
    gateway.requests = [];
    gateway.answers = [asked];
    assert.equal((await refusal(put(await gateway.task()))).approval, 'https://a.example/approvals/a-1');
    gateway.answers = [refused(403, 'approval-required', { 'Retry-After': '0' })];
    assert.equal((await refusal(put(task))).approval, undefined);
    assert.equal(gateway.requests.length, 2);
  } finally {
    process.off('warning', note);
  }
  assert.deepEqual(warned, [
    "ErrandApproval: waiting for a human's approval of PUT /tickets/a%20b: https://a.example/approvals/a-1",
  ]);
});

gatewayTest('who gives up is not kept waiting', async (gateway) => {
  gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '60' })];
  const task = await gateway.task({ wait: 600 });
  await assert.rejects(task.fetch('/a', { signal: AbortSignal.timeout(300) }), /abort|timeout/i);
  assert.equal(gateway.requests.length, 1);
});

gatewayTest('what cannot be sent twice carries the chain and is sent once', async (gateway) => {
  const task = await gateway.task({ wait: 30 });
  await put(task);
  const bodies = [
    () => ({ body: new Blob(['part']).stream(), duplex: 'half' }),
    () => ({ body: 'x'.repeat((1 << 20) + 1) }),
  ];
  for (const body of bodies) {
    gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '0' })];
    await refusal(task.fetch('/a', { method: 'PUT', ...body() }));
  }
  gateway.answers = [refused(429, 'rate-exceeded', { 'Retry-After': '0' })];
  await refusal(task.fetch(new Request(`${gateway.address}/a`, { method: 'PUT', body: 'part' })));
  assert.equal(gateway.requests.length, 4);
  assert.ok(gateway.requests.every((one) => 'delegation-chain' in one.headers));
  assert.equal(gateway.requests[3].body, 'part');
});

gatewayTest('another host, and what a redirect leads to, get nothing', async (gateway) => {
  const other = await stub();
  try {
    const task = await gateway.task({ wait: 30 });
    await task.fetch(`${other.address}/a`);
    await task.fetch(new URL(`${other.address}/a`));
    gateway.answers = [{ status: 307, headers: { Location: `${other.address}/away` }, body: '' }];
    assert.equal((await put(task)).status, 307);
    assert.equal(other.requests.length, 2);
    for (const { headers } of other.requests) {
      assert.ok(!headers.authorization && !headers.dpop && !headers['delegation-chain']);
    }
  } finally {
    other.close();
  }
});

gatewayTest('a call that asks for redirects gets none', async (gateway) => {
  const other = await stub();
  try {
    const task = await gateway.task({ wait: 30 });
    gateway.answers = Array(3).fill({ status: 307, headers: { Location: `${other.address}/away` }, body: '' });
    const request = new Request(`${gateway.address}/a`, { redirect: 'follow' });
    assert.equal((await task.fetch('/a', { redirect: 'follow' })).status, 307);
    assert.equal((await task.fetch(request)).status, 307);
    assert.equal((await task.mcpFetch(request, { redirect: 'follow' })).status, 307);
    assert.equal(other.requests.length, 0);
  } finally {
    other.close();
  }
});

gatewayTest('a gateway is reached by https or on loopback, and is called as it calls itself', async (gateway) => {
  const start = (more) => Task.start({ template: 'a', subjectToken: 'b', ...more });
  for (const address of ['http://gateway.example.org', 'ftp://127.0.0.1', 'http://a@127.0.0.1:1']) {
    await assert.rejects(start({ gateway: address }), TypeError);
  }
  await assert.rejects(start({ gateway: gateway.address, issuer: 'https://other.example.org' }), /calls itself/);
  const fetch = async () => new Response('{"issuer":"https://other.example.org"}');
  await assert.rejects(start({ gateway: 'https://gateway.example.org', fetch }), /calls itself/);
  gateway.issuer = null;
  await assert.rejects(start({ gateway: gateway.address }), /no Errand gateway/);
});

gatewayTest('an MCP fetch hands refusals on', async (gateway) => {
  const task = await gateway.task();
  gateway.answers = [refused(403, 'not-granted')];
  const answer = await task.mcpFetch(`${gateway.address}/mcp`, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 403);
  assert.equal((await Refused.of(answer)).detail, 'because of not-granted');
  const told = await Refused.of({ code: -32010, data: { code: 'not-granted', decision: 'd-2', detail: 'no', next: 'change', status: 403 } });
  assert.deepEqual([told.code, told.decision, told.next, told.sent], ['not-granted', 'd-2', 'change', 'maybe']);
  assert.equal(await Refused.of(new Error('another')), undefined);
});

gatewayTest('a refusal is known in every form', async () => {
  const message = "errand: not-granted: the token grants no 'x' (decision d-2)";
  const forms = [
    JSON.stringify({ code: 'not-granted', detail: "the token grants no 'x'" }),
    JSON.stringify({ kind: 'Status', status: 'Failure', message, details: {} }),
    `<Error><Code>AccessDenied</Code><Message>${message.replaceAll("'", '&apos;')}</Message></Error>`,
    JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32010, message } }),
    JSON.stringify({ errors: [message] }),
    JSON.stringify({ errors: [{ code: 'DENIED', message, detail: { decision: 'd-2' } }] }),
    `${message}\n`,
  ];
  for (const form of forms) {
    const told = await Refused.of(new Response(form, { headers: { 'Errand-Code': 'not-granted' } }));
    assert.equal(told.detail, "the token grants no 'x'");
  }
});

gatewayTest('a child of a child carries both tokens above it', async (gateway) => {
  const child = await gateway.task();
  const grand = await child.derive({ calls: 1 });
  assert.equal(grand.chain, `${VECTORS.token.jws}, ${child.token}`);
  gateway.answers = [permitted()];
  await grand.end();
  assert.equal(gateway.requests[0].headers['delegation-chain'], grand.chain);
  const grant = await child.deriveFor(grand.key.jwk);
  assert.deepEqual(Object.keys(grant).sort(), ['chain', 'gateway', 'issuer', 'token']);
});

gatewayTest('a companion is asked for a child of a new key', async (gateway) => {
  const grant = { token: VECTORS.children[0].jws, chain: VECTORS.token.jws, gateway: gateway.address, issuer: gateway.issuer };
  gateway.answers = [{ status: 200, body: JSON.stringify(grant) }];
  const url = `${gateway.address}/secret/derive`;
  const child = await Task.below({ url, allow: { 'tickets:ticket.read': {} }, calls: 2 });
  assert.deepEqual([child.token, child.chain], [grant.token, grant.chain]);
  const [asked] = gateway.requests;
  assert.deepEqual(JSON.parse(asked.body), { jwk: child.key.jwk, allow: { 'tickets:ticket.read': {} }, calls: 2 });
  assert.equal(asked.proof.htu, url);
  gateway.answers = [{ status: 400, body: '{"step":"4p4","detail":"wider"}' }];
  assert.equal((await refusal(Task.below({ url }))).message, '4p4: wider');
  await assert.rejects(Task.below({ url: 'http://gateway.example.org/x' }), /no companion/);
  await assert.rejects(Task.below(), /no companion/);
});
