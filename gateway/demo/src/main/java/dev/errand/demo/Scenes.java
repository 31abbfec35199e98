package dev.errand.demo;

import dev.errand.cli.AgentClient;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.holder.Derivation;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The scenes in their order; each is checked against its title. Played once, by one thread. */
record Scenes(AgentClient client, String issuer, DemoIdentities identities, Transcript transcript) {
    private static final String INSTRUCTION = "REL-42: release payments to staging";
    private static final String DIGEST = Sha256.labelOf(INSTRUCTION);
    private static final String ALICE = "user:alice";
    private static final long LOOP_NANOS = 15_000_000_000L;
    private static final int TOO_LATE = 10;

    private static final Call READ_SECRET =
            Call.of("vault:kv.read", "secret/ci/payments/db", "GET", "/vault/v1/secret/data/ci/payments/db");
    private static final Call TRIGGER =
            Call.of("ci:pipeline.trigger", "payments", "POST", "/ci/api/v1/pipelines/payments/runs");
    private static final Call POLL =
            Call.of("ci:pipeline.get", "payments", "GET", "/ci/api/v1/pipelines/payments/runs/42");
    private static final Call PATCH = new Call(
            "k8s:apps/deployments.patch",
            "staging/payments",
            "PATCH",
            "/k8s/apis/apps/v1/namespaces/staging/deployments/payments",
            "application/strategic-merge-patch+json",
            "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"payments\",\"image\":\"payments:42\"}]}}}}");
    private static final Call READ_DOCUMENT =
            Call.of("vault:kv.read", "secret/docs/payments", "GET", "/vault/v1/secret/data/docs/payments");

    /** Plays all scenes; one that cannot go on ends the play. */
    void run(Evidence evidence) {
        try {
            transcript.scene("a", "Alice authorises a release of the service payments; the task starts");
            Agent bot = start("release-bot", ALICE, "release-managers", "release", "service");
            secretThenPipeline(bot);
            Agent deployer = patchBySubAgent(bot);
            beyondItsGrant(deployer);
            stolenToken(bot);
            againAfterThePatch(bot);
            readLoop();
            transcript.scene("h", "Who stands behind the patch of (c)? An auditor asks the log");
            evidence.show(transcript, issuer);
        } catch (AgentException | IOException e) {
            transcript.expect(false, "cannot go on: " + e.getMessage());
        }
    }

    private void secretThenPipeline(Agent bot) {
        transcript.scene("b", "The release bot reads its secret, runs the pipeline and polls it");
        transcript.heads();
        permitted(bot, READ_SECRET);
        permitted(bot, TRIGGER);
        permitted(bot, POLL);
        permitted(bot, POLL);
        transcript.note("The gateway put in each upstream's own credential, which the bot never holds.");
    }

    private Agent patchBySubAgent(Agent bot) {
        transcript.scene("c", "It spawns a sub-agent that may patch one deployment, once, and nothing else");
        AgentKey key = AgentKey.generate();
        String child = new Derivation(
                        key.publicJwk(),
                        object("{\"k8s:apps/deployments.patch\":{\"resource\":{\"constraint_type\":\"exact\","
                                + "\"value\":\"staging/payments\"}}}"),
                        object("{\"calls\":2}"),
                        120,
                        null,
                        DemoIdentities.spiffeId("deployer"),
                        object("{\"source\":\"agent\",\"ref\":\"urn:demo:roll-out-run-42\",\"digest\":\""
                                + Sha256.labelOf("roll out run 42") + "\",\"integrity\":\"untrusted\"}"))
                .derive(bot.key(), bot.token(), Instant.now());
        transcript.note("The bot signed the sub-agent's token itself, offline: narrower in tools, calls and time.");
        Agent deployer = new Agent("deployer", bot.human(), key, child, List.of(bot.token()));
        transcript.heads();
        permitted(deployer, PATCH);
        return deployer;
    }

    private void beyondItsGrant(Agent deployer) {
        transcript.scene("d", "The sub-agent tries to read a secret");
        transcript.heads();
        denied(deployer, READ_SECRET, 403, "not-granted");
    }

    private void stolenToken(Agent bot) {
        transcript.scene("e", "A thief has the bot's token, but not its key");
        Agent thief = new Agent("thief", "?", AgentKey.generate(), bot.token(), List.of());
        transcript.heads();
        denied(thief, READ_SECRET, 401, "invalid-proof");
    }

    private void againAfterThePatch(Agent bot) {
        transcript.scene("f", "The bot runs the pipeline again after the patch: off its plan; the task is interrupted");
        transcript.heads();
        Answer answer = call(bot, TRIGGER);
        transcript.expect(
                answer.status() == 403
                        && (answer.code().equals("sequence-violation")
                                || answer.code().equals("rule-violation")),
                "expected 403 sequence-violation or rule-violation, was " + answer.status() + " " + answer.code());
        transcript.expect(answer.interrupted(), "the violation should have interrupted the task");
        denied(bot, POLL, 401, "task-ended");
    }

    private void readLoop() {
        transcript.scene("g", "Bob's research agent runs wild: it reads in a loop, as fast as it can");
        Agent reader = start("researcher", "user:bob", "researchers", "research", "project");
        int[] counts = new int[3];
        Answer throttled = null;
        long lastPermit = 0;
        transcript.heads();
        long start = System.nanoTime();
        Answer last = send(reader, READ_DOCUMENT);
        transcript.call(reader, READ_DOCUMENT, last);
        while (!last.interrupted() && System.nanoTime() - start < LOOP_NANOS) {
            if (last.permitted()) {
                counts[0]++;
                lastPermit = System.nanoTime() - start;
            } else if (last.code().equals("rate-exceeded")) {
                counts[1]++;
                if (throttled == null) {
                    throttled = last;
                    transcript.call(reader, READ_DOCUMENT, last);
                }
            }
            last = send(reader, READ_DOCUMENT);
        }
        long interruptedAt = System.nanoTime() - start;
        transcript.call(reader, READ_DOCUMENT, last);
        transcript.expect(last.interrupted(), "expected repeated denials to interrupt the task");
        for (int i = 0; i < TOO_LATE; i++) {
            last = send(reader, READ_DOCUMENT);
            counts[2] += last.code().equals("task-ended") ? 1 : 0;
        }
        transcript.call(reader, READ_DOCUMENT, last);
        transcript.note(counts[0] + " calls got through in " + lastPermit / 1_000_000 + " ms; " + counts[1]
                + " were throttled; the next one interrupted the task after " + interruptedAt / 1_000_000 + " ms; "
                + counts[2] + " came too late.");
        transcript.expect(
                counts[0] >= 40 && counts[0] <= 41 + interruptedAt / 250_000_000,
                "expected 40 calls and 4 a second to get through, were " + counts[0]);
        transcript.expect(throttled != null && throttled.status() == 429, "expected 429 rate-exceeded");
        transcript.expect(counts[2] == TOO_LATE, "expected every call after the interruption to answer task-ended");
    }

    /** Starts one more task for a user who wants to try a call, and writes its key and token to the files. */
    Call spare(Path keyFile, Path tokenFile) throws IOException {
        Agent agent =
                start(AgentKey.readOrCreate(keyFile), "researcher", "user:bob", "researchers", "research", "project");
        Files.writeString(tokenFile, agent.token());
        return READ_DOCUMENT;
    }

    private Agent start(String agent, String human, String group, String template, String parameter) {
        return start(AgentKey.generate(), agent, human, group, template, parameter);
    }

    private Agent start(AgentKey key, String agent, String human, String group, String template, String parameter) {
        long before = System.nanoTime();
        JsonObject answer = client.start(
                key,
                new AgentClient.Start(
                        identities.humanToken(human, group, DIGEST),
                        "jwt",
                        identities.svid(agent, issuer),
                        object("{\"template\":\"" + template + "\",\"parameters\":{\"" + parameter
                                + "\":\"payments\"},\"instruction\":{\"source\":\"human\","
                                + "\"ref\":\"https://tracker.example.org/REL-42\",\"digest\":\"" + DIGEST
                                + "\",\"integrity\":\"trusted\"}}"),
                        null));
        double millis = (System.nanoTime() - before) / 1e6;
        String token = answer.string("access_token");
        if (token == null) {
            throw new AgentException("the token endpoint gave no token");
        }
        String name = human.substring(human.indexOf(':') + 1);
        transcript.fact("human", human + " of " + DemoIdentities.HUMANS + ", in the group " + group);
        transcript.fact("agent", DemoIdentities.spiffeId(agent));
        transcript.fact("task", answer.string("task_id") + ", template " + template + ", " + parameter + " = payments");
        transcript.fact(
                "token",
                "bound to the agent's fresh key " + key.thumbprint()
                        + String.format(java.util.Locale.ROOT, ", in %.1f ms", millis));
        return new Agent(agent, name, key, token, List.of());
    }

    private void permitted(Agent agent, Call call) {
        Answer answer = call(agent, call);
        transcript.expect(
                answer.permitted() && answer.status() < 300,
                "expected a permit, was " + answer.status() + " " + answer.code() + " " + answer.detail());
    }

    private void denied(Agent agent, Call call, int status, String code) {
        Answer answer = call(agent, call);
        transcript.expect(
                answer.status() == status && answer.code().equals(code),
                "expected " + status + " " + code + ", was " + answer.status() + " " + answer.code());
    }

    private Answer call(Agent agent, Call call) {
        Answer answer = send(agent, call);
        transcript.call(agent, call, answer);
        return answer;
    }

    private Answer send(Agent agent, Call call) {
        Map<String, String> headers = new HashMap<>(Map.of("Accept", "application/problem+json, */*"));
        if (call.contentType() != null) {
            headers.put("Content-Type", call.contentType());
        }
        String body = call.body();
        long before = System.nanoTime();
        var response = client.call(
                agent.key(),
                agent.token(),
                agent.ancestors(),
                call.method(),
                call.target(),
                headers,
                body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        return Answer.of(response, System.nanoTime() - before);
    }

    private static JsonObject object(String json) {
        try {
            return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new IllegalStateException(e);
        }
    }
}
