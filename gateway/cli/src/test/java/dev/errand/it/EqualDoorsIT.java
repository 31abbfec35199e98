package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.Proofs;
import dev.errand.json.JsonValue.JsonObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/** Both doors decide alike: generated calls get the same answer, the upstream the same request, the log the same record. */
@Tag("envoy")
class EqualDoorsIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final int CALLS = Integer.getInteger("equal.calls", 1000);

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "LIST", "PATCH", "OPTIONS", "HEAD");

    private static final List<String> PATHS = List.of(
            "/vault/v1/secret/data/docs/payments/a",
            "/vault/v1/secret/data/docs/payments/a",
            "/vault/v1/secret/data/docs/payments/b/c",
            "/vault/v1/secret/data/docs/payments/a%2Fb",
            "/vault/v1/secret/data/docs/payments/%61",
            "/vault/v1/secret/data/docs/payments/../other",
            "/vault/v1/secret/data/docs/payments/%2e%2e/other",
            "/vault/v1/secret/data/docs/payments/./a",
            "/vault/v1/secret/data/docs/payments//a",
            "/vault/v1/secret/data/docs/payments/a/",
            "/vault/v1/secret/data/docs/payments/a;x=1",
            "/vault/v1/secret/data/docs/payments/%00",
            "/vault/v1/secret/data/docs/payments/%C3%A9",
            "/vault/v1/secret/data/docs/payments/%zz",
            "/vault/v1/secret/data/docs/other/a",
            "/vault/v1/secret/metadata/docs/payments/a",
            "/vault/v1/sys/health",
            "/vault/v1/auth/token/create",
            "/vault//v1/secret/data/docs/payments/a",
            "/vault/v1/secret/data/docs/payments/a?version=2",
            "/vault/v1/secret/data/docs/payments/a?version=2&version=3",
            "/vault/v1/secret/data/docs/payments/a?list=true",
            "/vault/v1/secret/data/docs/payments/a?version=02",
            "/vault/v1/secret/data/docs/payments/a?x=%zz",
            "/vault/v1/secret/data/docs/payments/a?a[0]=1",
            AskedRoutesFile.DISPATCH,
            AskedRoutesFile.DISPATCH,
            AskedRoutesFile.DISPATCH + "?return_run_details=true",
            "/ci/api/v1/repos/o/r/actions/workflows/x/dispatches",
            "/vault/");

    private static final List<String> LINES = List.of(
            "Accept: application/json",
            "Accept: application/problem+json",
            "X-Forwarded-For: 10.0.0.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Client-Cert: Hash=00",
            "Via: 1.1 other",
            "X-Vault-Token: stolen",
            "X-Vault-Namespace: other",
            "X_Vault_Token: stolen",
            "X-HTTP-Method-Override: DELETE",
            "X-Unknown: 1",
            "User-Agent: test",
            "Txn-Token: forged",
            "Signature: sig=:AA==:",
            "Errand-Decision: forged",
            "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "Cookie: a=b",
            "If-None-Match: \"x\"",
            "X-Original-URL: /v1/sys/health",
            "Range: bytes=0-1",
            "Content-Encoding: gzip",
            "TE: trailers",
            "Prefer: a, b");

    private static final List<String> BODIES = List.of(
            "{\"data\":{\"a\":\"b\"}}",
            "{\"data\":{\"a\":\"b\"},\"data\":{}}",
            "{\"ref\":\"main\"}",
            "{\"ref\":\"main\"}",
            "{\"ref\":\"main\",\"inputs\":{\"a\":\"b\"}}",
            "{\"ref\":\"other\"}",
            "{\"ref\":\"main\",\"ref\":\"other\"}",
            "{\"data\":",
            "[]",
            "x=1",
            "{\"data\":{\"a\\u0000\":1}}",
            "{\"options\":{\"cas\":1.0},\"data\":{}}");

    /** Fields that each connection, each door or each decision writes anew. */
    private static final Set<String> OF_THE_CALL = Set.of(
            "host",
            "connection",
            "date",
            "server",
            "content-length",
            "transfer-encoding",
            "keep-alive",
            "errand-decision",
            "txn-token",
            "signature",
            "signature-input",
            "traceparent",
            "x-request-id",
            "x-forwarded-proto",
            "x-forwarded-for",
            "ratelimit",
            "ratelimit-policy",
            "dpop-nonce",
            "vary");

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static Envoy envoy;
    private static TestAgent agent;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        Path socket = directory.resolve("decide.sock");
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("tasks/both.yaml", AskedRoutesFile.BOTH)
                .file("application.yaml", AskedRoutesFile.with("vault", "ci", "k8s"))
                .property("errand.decision-service.listen", "unix:" + socket)
                .start();
        envoy = Envoy.before(
                gateway,
                directory,
                List.of(
                        "--vault.uri=" + upstream.uri(),
                        "--ci.uri=" + upstream.uri(),
                        "--k8s.uri=" + upstream.uri(),
                        "--errand.decision-service.listen=unix:" + socket));
        agent = TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, AskedRoutesFile.START);
    }

    @AfterAll
    static void stop() {
        envoy.close();
        gateway.close();
        upstream.close();
    }

    /** One call without its proof, so that it can be sent twice. */
    private record Call(String method, String path, List<String> lines, String body, int proof) {
        static Call of(Random random) {
            List<String> lines = new ArrayList<>();
            while (random.nextInt(3) == 0) {
                lines.add(pick(LINES, random));
            }
            String method = pick(METHODS, random);
            String body = (method.startsWith("P") ? random.nextInt(5) > 0 : random.nextInt(8) == 0)
                    ? pick(BODIES, random)
                    : "";
            if (!body.isEmpty() && random.nextInt(6) > 0) {
                lines.add("Content-Type: application/json");
            }
            return new Call(method, pick(PATHS, random), lines, body, random.nextInt(12));
        }

        private static String pick(List<String> list, Random random) {
            return list.get(random.nextInt(list.size()));
        }

        /** The call's head through a door; most have a good proof. */
        List<String> head() {
            List<String> all = new ArrayList<>(lines);
            String htu = path.replaceFirst("\\?.*", "");
            String other = proof == 1 ? "/vault/v1/other" : htu;
            if (proof > 0) {
                all.add("Authorization: DPoP " + agent.token());
            }
            if (proof != 2) {
                all.add("DPoP: "
                        + Proofs.dpop(
                                agent.key().agent(),
                                proof == 3 ? "PURGE" : method,
                                RunningGateway.ISSUER + other,
                                agent.token(),
                                null,
                                Instant.now()));
            }
            return all;
        }
    }

    /** What came of a call: all that both doors must have in common. */
    private static Map<String, Object> outcome(int port, Call call) {
        upstream.forget();
        RawHttp.Response answer = answer(port, call);
        Map<String, Object> all = new TreeMap<>();
        all.put("status", answer.status());
        all.put("body", plain(answer.body()));
        all.put("fields", fields(answer.headers()));
        all.put(
                "sent",
                upstream.seen().stream()
                        .map(seen ->
                                seen.method() + " " + seen.target() + " " + fields(seen.headers()) + " " + seen.text())
                        .toList());
        String decision = answer.header("Errand-Decision");
        all.put("record", decision == null ? "none" : record(decision));
        return all;
    }

    private static RawHttp.Response answer(int port, Call call) {
        try {
            return RawHttp.send(
                    port, call.method(), call.path(), call.head(), call.body().getBytes(StandardCharsets.UTF_8));
        } catch (UncheckedIOException closed) {
            return new RawHttp.Response(0, List.of(), "closed");
        }
    }

    private static Map<String, String> fields(List<Map.Entry<String, String>> lines) {
        Map<String, String> all = new TreeMap<>();
        for (Map.Entry<String, String> line : lines) {
            String name = line.getKey().toLowerCase(Locale.ROOT);
            // The client of the traffic port adds these two where the agent has sent none.
            boolean added = line.getValue().equals("*/*") || line.getValue().startsWith("ReactorNetty/");
            if (!OF_THE_CALL.contains(name) && !name.startsWith("x-envoy-") && !added) {
                all.merge(name, plain(line.getValue()), (one, other) -> one + "," + other);
            }
        }
        return all;
    }

    private static String plain(String text) {
        return text.replaceAll("d-[A-Za-z0-9_-]{22}", "d-").replaceAll("127\\.0\\.0\\.1:\\d+", "gateway");
    }

    private static Map<String, Object> record(String decision) {
        String line = gateway.records().stream()
                .filter(one -> one.contains("\"kind\":\"decision\"") && one.contains(decision))
                .findFirst()
                .orElse(null);
        if (line == null) {
            return Map.of();
        }
        JsonObject read = TestAgent.json(line);
        Map<String, Object> all = new TreeMap<>();
        read.members().forEach((name, value) -> {
            if (!Set.of("decision", "time", "budgets", "gateway_name", "traceparent", "prev", "seq")
                    .contains(name)) {
                all.put(name, String.valueOf(value));
            }
        });
        return all;
    }

    @Test
    void generatedCalls_areDecidedAlike() {
        Random random = new Random(Long.getLong("equal.seed", 18));
        List<String> different = new ArrayList<>();
        int permitted = 0;
        for (int i = 0; i < CALLS; i++) {
            Call call = Call.of(random);
            Map<String, Object> here = outcome(gateway.port(), call);
            Map<String, Object> there = outcome(envoy.port(), call);
            if (!here.equals(there)) {
                Map<String, Object> differing = new TreeMap<>();
                here.forEach((name, value) -> {
                    if (!value.equals(there.get(name))) {
                        differing.put(name, "\n    " + value + "\n    " + there.get(name));
                    }
                });
                different.add(i + " " + call + "\n  " + differing);
            }
            permitted += ((List<?>) here.get("sent")).size();
        }
        assertThat(different).as("%d differ", different.size()).isEmpty();
        assertThat(permitted).isGreaterThan(CALLS / 20);
    }

    /** The request of a call in a scenario. */
    private static List<String> request(String operation, String resource) {
        String[] parts = resource.split("/", 2);
        String pods = "/k8s/api/v1/namespaces/" + parts[0] + "/";
        String name = parts.length > 1 ? parts[1] : "";
        return switch (operation) {
            case "vault:kv.read" -> List.of("GET", "/vault/v1/secret/data/" + name);
            case "vault:kv.delete" -> List.of("DELETE", "/vault/v1/secret/data/" + name);
            case "ci:pipeline.trigger" -> List.of("POST", "/ci/api/v1/pipelines/" + resource + "/runs");
            case "ci:pipeline.get" -> List.of("GET", "/ci/api/v1/pipelines/" + resource + "/runs/1");
            case "k8s:nonresource.get" -> List.of("GET", "/k8s" + resource);
            case "k8s:pods.list" -> List.of("GET", pods + "pods");
            case "k8s:secrets.list" -> List.of("GET", pods + "secrets");
            case "k8s:pods.get" -> List.of("GET", pods + "pods/" + name);
            case "k8s:pods.delete" -> List.of("DELETE", pods + "pods/" + name);
            case "k8s:pods/log.get" -> List.of("GET", pods + "pods/" + name + "/log");
            case "k8s:apps/deployments.patch" ->
                List.of("PATCH", "/k8s/apis/apps/v1/namespaces/" + parts[0] + "/deployments/" + name);
            default -> throw new AssertionError("no request of " + operation + ": add it");
        };
    }

    /** What comes of a scenario through a door, call by call, as far as no clock is waited for. */
    private static List<String> played(int port, Map<?, ?> scenario) {
        Dump json = new Dump(DumpSettings.builder()
                .setSchema(new JsonSchema())
                .setDefaultFlowStyle(FlowStyle.FLOW)
                .setDefaultScalarStyle(ScalarStyle.DOUBLE_QUOTED)
                .setMultiLineFlow(false)
                .setWidth(10_000)
                .build());
        Map<String, Object> details = new LinkedHashMap<>();
        for (String name : List.of("template", "parameters", "instruction")) {
            if (scenario.get(name) != null) {
                details.put(name, scenario.get(name));
            }
        }
        TestAgent player = TestAgent.start(
                gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, json.dumpToString(details));
        List<String> all = new ArrayList<>();
        for (Object one : (List<?>) scenario.get("calls")) {
            Map<?, ?> call = (Map<?, ?>) one;
            if (call.get("after") != null && call.get("expect") != null) {
                return all;
            }
            Object answers = call.get("answers");
            int status = answers == null ? 200 : (Integer) answers;
            upstream.answer(seen -> RecordingUpstream.Answer.of(status, "{}"));
            upstream.forget();
            List<String> request = request(String.valueOf(call.get("call")), String.valueOf(call.get("resource")));
            String method = request.get(0);
            String path = request.get(1);
            List<String> lines = new ArrayList<>(
                    List.of("Authorization: DPoP " + player.token(), "DPoP: " + player.dpop(method, path)));
            byte[] body = {};
            if (method.startsWith("P")) {
                lines.add("Content-Type: "
                        + (method.equals("PATCH") ? "application/merge-patch+json" : "application/json"));
                body = new byte[] {'{', '}'};
            }
            RawHttp.Response answer = RawHttp.send(port, method, path, lines, body);
            Object expected = call.get("expect");
            if (expected == null) {
                assertThat(answer.status()).as(call + " " + answer.body()).isEqualTo(status);
            } else {
                assertThat(answer.header("Errand-Code"))
                        .as(call + " " + answer.body())
                        .isEqualTo(expected);
            }
            all.add(call.get("call") + " " + answer.status() + " "
                    + plain(answer.body()).replaceAll("t-[A-Za-z0-9_-]{22}", "t-")
                    + " " + fields(answer.headers()) + " "
                    + upstream.seen().stream()
                            .map(seen -> seen.method() + " " + seen.target() + " " + fields(seen.headers()) + " "
                                    + seen.text())
                            .toList());
        }
        return all;
    }

    @Test
    void scenariosOfTheConfiguration_areDecidedAlike() throws Exception {
        List<Path> files;
        try (Stream<Path> found = Files.list(RunningGateway.repository().resolve("config/tests"))) {
            files = found.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(3);
        for (Path file : files) {
            Map<?, ?> scenario = (Map<?, ?>) Chart.yaml(file);
            List<String> here = played(gateway.port(), scenario);
            assertThat(played(envoy.port(), scenario))
                    .as(file.toString())
                    .isEqualTo(here)
                    .isNotEmpty();
        }
    }
}
