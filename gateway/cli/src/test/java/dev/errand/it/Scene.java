package dev.errand.it;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Two replicas on one Redis, a task with three holders in a row, a second task, and the gateway's own key, so that what is
 * wrong about a token can be anything but its signature.
 *
 * @param anchor the gateway's own first key
 * @param root the root's holder of the task
 * @param child below the root
 * @param grandchild below the child
 * @param sibling another child of the root
 * @param other the root's holder of another task
 */
record Scene(
        SharedRedis redis,
        RecordingUpstream upstream,
        RunningGateway gateway,
        RunningGateway replica,
        TestHuman human,
        TestWorkloads workloads,
        TestKey anchor,
        TestAgent root,
        TestAgent child,
        TestAgent grandchild,
        TestAgent sibling,
        TestAgent other)
        implements AutoCloseable {
    static Scene start(Path directory) throws IOException {
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        SharedRedis redis = new SharedRedis(directory);
        RecordingUpstream upstream = new RecordingUpstream();
        RunningGateway gateway = replica(redis, upstream, human, workloads);
        RunningGateway replica = replica(redis, upstream, human, workloads);
        TestAgent root = TestAgent.explore(gateway, human, workloads);
        TestAgent child = root.child(null, "{}", TestWorkloads.RELEASE_BOT);
        return new Scene(
                redis,
                upstream,
                gateway,
                replica,
                human,
                workloads,
                key(redis.keys()),
                root,
                child,
                child.child(null, "{}", TestWorkloads.RELEASE_BOT),
                root.child(),
                TestAgent.explore(gateway, human, workloads));
    }

    static RunningGateway replica(
            SharedRedis redis, RecordingUpstream upstream, TestHuman human, TestWorkloads workloads) {
        return RunningGateway.with()
                .trusting(human, workloads)
                .upstream(upstream)
                .sharing(redis, redis.keys())
                .start();
    }

    private static TestKey key(Path keys) throws IOException {
        JsonArray set = (JsonArray) Jws.object(Files.readString(keys)).get("keys");
        JsonObject first = (JsonObject) set.values().get(0);
        KeyAlgorithm algorithm = "EC".equals(first.string("kty")) ? KeyAlgorithm.ES256 : KeyAlgorithm.ED25519;
        return new TestKey(String.valueOf(first.string("kid")), algorithm, first);
    }

    String svid() {
        return workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER + "/vault");
    }

    /** The root's header as the gateway writes it. */
    String rootHeader() {
        return Jws.header(root.token());
    }

    /** The root's holder with a root of changed claims, signed by the gateway's own key. */
    TestAgent forged(UnaryOperator<String> claims) {
        return forged(rootHeader(), claims);
    }

    TestAgent forged(String header, UnaryOperator<String> claims) {
        return new TestAgent(root.key(), anchor.jws(header, claims.apply(Jws.payload(root.token()))), List.of());
    }

    /** A child of the root with changed claims, signed by the root's holder. */
    TestAgent derived(UnaryOperator<String> claims) {
        return derived(Jws.header(child.token()), claims);
    }

    TestAgent derived(String header, UnaryOperator<String> claims) {
        return root.below(child.key(), root.key().jws(header, claims.apply(Jws.payload(child.token()))));
    }

    @Override
    public void close() {
        replica.close();
        gateway.close();
        upstream.close();
        redis.close();
    }
}
