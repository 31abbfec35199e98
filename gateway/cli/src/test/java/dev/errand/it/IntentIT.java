package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.cli.Errand;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Sha256;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Values that a human gave, through the whole gateway: calls with them, calls without, and what the record has of both. */
class IntentIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final Page PAGE = new Page("docs/intent.md");
    private static final String MAIL = "/vault/v1/mails/1";
    private static final String TRANSFER = "/vault/v1/transfers";

    private static final String CATALOGUE = """
            catalogue: vault
            resolver: template
            base-path: /v1
            operations:
              - {id: mail.read, match: {method: GET, path: "/mails/{id}"}, effect: read, resource: "mails/{id}", yields: untrusted}
              - id: transfer
                match: {method: POST, path: "/transfers"}
                effect: write
                params: {account: "body:/account", amount: "body:/amount", note: "body:/note"}
                needs: {trusted: [account, amount]}
                record: [account, amount, note]
              - {id: close, match: {method: DELETE, path: "/accounts/{id}"}, effect: delete, resource: "accounts/{id}", needs: trusted}
            """;

    private static String template(String name, String humans, String transfer) {
        return """
                template: %s
                agents: ["spiffe://example.org/agent/*"]
                humans: {claim: groups, any: [release-managers]%s}
                delegation: {max-depth: 3, max-children: 1000}
                parameters: {payees: {list: "[A-Z]{2}[0-9]{2}", max: 3}}
                allow:
                  vault:mail.read: {resource: {path_containment: mails}}
                  vault:transfer: {resource: {exact: transfers}, note: {wildcard: true, optional: true}, %s}
                  vault:close: {resource: {exact: accounts/DE42}}
                flow: enforce
                instruction: {trust: agent}
                on-violation: {not-granted: deny, repeated: {denials: 10000, within: 60s, then: interrupt}}
                """.formatted(name, humans, transfer);
    }

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .file("operations/vault.yaml", CATALOGUE)
                .file(
                        "tasks/explore.yaml",
                        template(
                                "pinned",
                                ", consent: task",
                                "account: {pinned: true}, amount: {pinned: {range: {max: 500}}}"))
                .file(
                        "tasks/release.yaml",
                        template("listed", ", consent: task", "account: {one_of: \"{payees}\"}, amount: {exact: 120}"))
                .file(
                        "tasks/research.yaml",
                        template("agreed-to-by-nobody", "", "account: {one_of: \"{payees}\"}, amount: {exact: 120}"))
                .file(
                        "tasks/asked.yaml",
                        template(
                                        "asked",
                                        ", consent: task",
                                        "account: {wildcard: true}, amount: {pinned: {else: ask, range: {max: 500}}}, ask:"
                                                + " {unless: {account: {exact: DE42}}}")
                                + "ask: {" + Approver.BY + "}\n")
                .file("operations/bank.yaml", PAGE.block("# operations/bank.yaml"))
                .file("tasks/pay.yaml", PAGE.block("# tasks/pay.yaml"))
                .route("{id: bank, uri: \"" + upstream.uri()
                        + "\", predicates: [Path=/bank/**], filters: [StripPrefix=1, OperationMapping=bank]}")
                .file("tasks/cluster.yaml", template("written", "", "account: {exact: DE42}, amount: {exact: 120}"))
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    private static final String ACCOUNT = "{\"constraint_type\":\"exact\",\"value\":\"DE42\"}";
    private static final String TOOLS = "{\"vault:mail.read\":{},\"vault:close\":{},\"vault:transfer\":{"
            + "\"resource\":{\"constraint_type\":\"exact\",\"value\":\"transfers\"},"
            + "\"account\":{\"constraint_type\":\"exact\",\"value\":\"DE42\"},"
            + "\"amount\":{\"constraint_type\":\"exact\",\"value\":120},"
            + "\"note\":{\"constraint_type\":\"wildcard\",\"optional\":true}}}";

    private static TestAgent agent(String template, String tools) {
        String start = "{\"template\":\"" + template + "\",\"parameters\":{\"payees\":[\"DE42\",\"DE43\"]}";
        String digest =
                tools == null ? "" : ",\"digest\":\"" + Sha256.labelOf(Jcs.canonicalBytes(Jws.object(tools))) + "\"";
        TestKey key = TestKey.ed25519("agent");
        JsonObject answer = TestAgent.client(gateway)
                .start(
                        key.agent(),
                        new AgentClient.Start(
                                HUMAN.token(
                                        "release-managers",
                                        ",\"authorization_details\":["
                                                + start.replaceFirst("\\{", "{\"type\":\"errand_start\",") + digest
                                                + "}]"),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object(start + ",\"instruction\":" + TestAgent.INSTRUCTION.replace("human", "agent")
                                        + "}"),
                                tools == null ? null : Jws.object(tools)));
        return new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
    }

    private static HttpResponse<String> transfer(TestAgent agent, String body) {
        return agent.call(gateway, "POST", TRANSFER, body);
    }

    private static String code(HttpResponse<String> answer) {
        return answer.statusCode() == 200
                ? "permit"
                : String.valueOf(TestAgent.json(answer.body()).string("code"));
    }

    private static final String GOOD = "{\"account\":\"DE42\",\"amount\":120}";

    @Test
    void pinnedValues_passAfterUntrustedContent_andNothingElseDoes() {
        TestAgent agent = agent("pinned", TOOLS);
        assertThat(agent.get(gateway, MAIL).statusCode()).isEqualTo(200);

        assertThat(code(transfer(agent, GOOD))).isEqualTo("permit");
        assertThat(code(transfer(agent, "{\"account\":\"DE42\",\"amount\":120,\"note\":\"as the mail says\"}")))
                .as("an argument that the catalogue does not name")
                .isEqualTo("permit");
        HttpResponse<String> other = transfer(agent, GOOD.replace("DE42", "DE43"));
        assertThat(code(other)).isEqualTo("constraint-violated");
        String told = String.valueOf(TestAgent.json(other.body()).string("detail"));
        assertThat(told).contains("another value of 'account': it was DE43, and granted is {", "DE42");
        String decision = other.headers().firstValue("Errand-Decision").orElseThrow();
        assertThat(gateway.records())
                .filteredOn(line -> line.contains(decision))
                .singleElement()
                .extracting(line -> Jws.object(line).string("detail"))
                .as("the catalogue lets the account into the record")
                .isEqualTo(told);
        assertThat(code(agent.call(gateway, "DELETE", "/vault/v1/accounts/DE42", null)))
                .as("needs: trusted means the whole call")
                .isEqualTo("flow-denied");
    }

    @Test
    void otherValues_areAskedAbout_withinTheConstraintOfTheGrant() {
        TestAgent agent = agent("asked", TOOLS);
        assertThat(Jws.claims(agent.token()).toString()).contains("pinned", "range");
        assertThat(code(transfer(agent, GOOD))).isEqualTo("permit");
        assertThat(code(transfer(agent, GOOD.replace("120", "130")))).isEqualTo("approval-required");
        assertThat(code(transfer(agent, GOOD.replace("120", "501")))).isEqualTo("constraint-violated");
        HttpResponse<String> other = transfer(agent, GOOD.replace("DE42", "DE43"));
        assertThat(code(other)).isEqualTo("constraint-violated");
        TestAgent child = agent.child();
        assertThat(code(transfer(child, GOOD))).isEqualTo("permit");
        assertThat(code(transfer(child, GOOD.replace("120", "131")))).isEqualTo("approval-required");

        TestAgent unfixed = agent("asked", null);
        HttpResponse<String> asked = transfer(unfixed, GOOD);
        assertThat(code(asked)).isEqualTo("approval-required");
        // The address ends with a random id, which may hold the same digits.
        assertThat(TestAgent.json(asked.body()).string("detail").replaceFirst("https://\\S+", ""))
                .contains("The start did not fix this value of 'amount'")
                .doesNotContain("120");
        asked = transfer(unfixed, GOOD.replace("DE42", "DE43"));
        assertThat(TestAgent.json(asked.body()).string("detail"))
                .contains("A call passes without a human only with another value of 'account'");
    }

    @Test
    void parameters_fixAnArgument_onlyUnderConsent() {
        TestAgent agreed = agent("listed", null);
        TestAgent chosen = agent("agreed-to-by-nobody", null);
        TestAgent written = agent("written", null);
        for (TestAgent agent : List.of(agreed, chosen, written)) {
            assertThat(code(transfer(agent, GOOD))).isEqualTo("permit");
            assertThat(agent.get(gateway, MAIL).statusCode()).isEqualTo(200);
        }

        assertThat(code(transfer(agreed, GOOD.replace("DE42", "DE43")))).isEqualTo("permit");
        assertThat(code(transfer(agreed, GOOD.replace("DE42", "DE44")))).isEqualTo("constraint-violated");
        HttpResponse<String> refused = transfer(chosen, GOOD);
        assertThat(code(refused)).isEqualTo("flow-denied");
        assertThat(TestAgent.json(refused.body()).string("detail"))
                .contains("or its account, amount fixed by the human");
        assertThat(code(transfer(written, GOOD)))
                .as("the template's own values")
                .isEqualTo("permit");
    }

    @Test
    void aChild_readsUntrustedContent_andThePinnedCallStillPasses() {
        TestAgent root = agent("pinned", TOOLS);
        TestAgent child = root.child();
        assertThat(child.get(gateway, MAIL).statusCode()).isEqualTo(200);
        assertThat(code(transfer(root, GOOD))).isEqualTo("permit");
        assertThat(code(transfer(child, GOOD))).isEqualTo("permit");
    }

    @Test
    void record_hasTheArgumentsThatTheCatalogueNames() {
        TestAgent agent = agent("pinned", TOOLS);
        String long129 = "n".repeat(129);
        transfer(agent, GOOD);
        transfer(agent, "{\"account\":\"DE42\",\"amount\":120,\"note\":\"" + long129 + "\"}");
        transfer(agent, "{\"account\":\"XX99\",\"amount\":120,\"note\":\"\\u202eevil\"}");
        agent.get(gateway, MAIL);

        List<String> decisions = gateway.records().stream()
                .filter(line -> line.contains("\"kind\":\"decision\"") && line.contains(agent.task()))
                .toList();
        assertThat(decisions).hasSize(4);
        assertThat(decisions.get(0)).contains("\"arguments\":{\"account\":\"DE42\",\"amount\":120}");
        assertThat(decisions.get(1)).contains("\"arguments\":{\"account\":\"DE42\",\"amount\":120}");
        assertThat(decisions.get(2))
                .contains("\"arguments\":{\"account\":\"XX99\",\"amount\":120,\"note\":\"\\u202eevil\"}")
                .contains("constraint-violated");
        assertThat(decisions.get(3)).contains("\"arguments\":null");
    }

    /** Starts a task of the page's template by what its example made, and makes the call that the human wanted. */
    private static void pays(AgentClient.Start start, TestKey key) {
        JsonObject answer = TestAgent.client(gateway).start(key.agent(), start);
        TestAgent agent = new TestAgent(key, String.valueOf(answer.string("access_token")), List.of());
        String body = "{\"account\":\"DE42\",\"amount\":120,\"invoice\":\"4711\"}";
        assertThat(agent.get(gateway, "/bank/mails/1").statusCode()).isEqualTo(200);
        assertThat(code(agent.call(gateway, "POST", "/bank/transfers", body))).isEqualTo("permit");
        assertThat(code(agent.call(gateway, "POST", "/bank/transfers", body.replace("DE42", "XX99"))))
                .isEqualTo("constraint-violated");
    }

    private static String human(String consent) {
        return HUMAN.token("release-managers", ",\"authorization_details\":" + consent);
    }

    private static String svid() {
        return WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
    }

    @Test
    void page_pythonExample_startsTheTask(@TempDir Path directory) throws Exception {
        Path script = Files.writeString(directory.resolve("form.py"), PAGE.block("# what the human filled in"));
        JsonObject said = Jws.object(run(List.of("python3", script.toString()), Map.of()));
        List<JsonValue> details = ((JsonArray) said.get("details")).values();
        String consent = Jcs.canonical(said.get("consent"));
        pays(
                new AgentClient.Start(
                        human(consent),
                        "jwt",
                        svid(),
                        (JsonObject) details.get(0),
                        ((JsonObject) details.get(1)).object("tools")),
                TestKey.ed25519("agent"));
    }

    /** The command line is a stand-in that tells its words; what they say is given to the real one. */
    @Test
    void page_shellExample_startsTheTask(@TempDir Path directory) throws Exception {
        Path words = directory.resolve("words");
        Path errand = Files.writeString(
                directory.resolve("errand"),
                "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >> " + words + "\nexit 0\n");
        assertThat(errand.toFile().setExecutable(true)).isTrue();
        Path script = Files.writeString(directory.resolve("ticket.sh"), PAGE.block("# the fields of the ticket"));
        run(List.of("sh", "-eu", script.toString()), Map.of("PATH", directory + ":" + System.getenv("PATH")));
        List<String> said = Files.readAllLines(words);
        int start = said.indexOf("token");
        assertThat(said.get(0)).isEqualTo("login");
        assertThat(said.subList(start, said.size()))
                .contains("@human.jwt", "--template", "pay", "--param", "invoices=4711");
        String consent = said.get(said.indexOf("--authorization-details") + 1);
        List<String> command = new ArrayList<>(said.subList(start, said.size()));
        command.replaceAll(word -> word.equals("@human.jwt") ? human(consent) : word);
        command.replaceAll(word -> word.equals("@agent.svid") ? svid() : word);
        command.replaceAll(
                word -> word.equals("task.jwk") ? directory.resolve("task.jwk").toString() : word);
        command.addAll(List.of("--gateway", gateway.address().toString(), "--issuer", RunningGateway.ISSUER));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();

        int exit = Errand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(command.toArray(String[]::new));

        assertThat(exit).as(err.toString()).isZero();
        assertThat(Jcs.canonical(Jws.claims(out.toString().strip())))
                .contains("\"invoices\":[\"4711\"]")
                .contains("\"account\":{\"constraint_type\":\"exact\",\"value\":\"DE42\"}");
    }

    private static String run(List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** A child that its parent's own key signed, though it is wider. */
    private static TestAgent wider(TestAgent agent, String account) {
        TestAgent child = agent.child();
        String payload = Jcs.canonical(Jws.claims(child.token()));
        assertThat(payload).contains(ACCOUNT);
        String forged = agent.key().jws("{\"alg\":\"EdDSA\",\"typ\":\"aat+jwt\"}", payload.replace(ACCOUNT, account));
        return new TestAgent(child.key(), forged, List.of(agent.token()));
    }

    /** Ways in which a running agent would make the call with a value that the human did not agree to. */
    @TestFactory
    Stream<DynamicTest> ways() {
        TestAgent agent = agent("pinned", TOOLS);
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("another account", "{\"account\":\"XX99\",\"amount\":120}");
        bodies.put("two accounts", "{\"account\":[\"DE42\",\"XX99\"],\"amount\":120}");
        bodies.put("one account in a list", "{\"account\":[\"DE42\"],\"amount\":120}");
        bodies.put("an account in an object", "{\"account\":{\"DE42\":\"XX99\"},\"amount\":120}");
        bodies.put("the account twice", "{\"account\":\"DE42\",\"account\":\"XX99\",\"amount\":120}");
        bodies.put("the account in another letter case", "{\"account\":\"de42\",\"amount\":120}");
        bodies.put("a second account by letter case", "{\"account\":\"DE42\",\"Account\":\"XX99\",\"amount\":120}");
        bodies.put("no account", "{\"amount\":120}");
        bodies.put("a null account", "{\"account\":null,\"amount\":120}");
        bodies.put("a space behind the account", "{\"account\":\"DE42 \",\"amount\":120}");
        bodies.put("another amount", "{\"account\":\"DE42\",\"amount\":121}");
        bodies.put("nearly the amount", "{\"account\":\"DE42\",\"amount\":120.00000000000001}");
        bodies.put("the amount as a text", "{\"account\":\"DE42\",\"amount\":\"120\"}");
        bodies.put("no body", "");
        bodies.put("a list of bodies", "[{\"account\":\"DE42\",\"amount\":120}]");
        Map<String, TestAgent> children = new LinkedHashMap<>();
        children.put(
                "a child with another account", wider(agent, "{\"constraint_type\":\"exact\",\"value\":\"XX99\"}"));
        children.put("a child with any account", wider(agent, "{\"constraint_type\":\"wildcard\"}"));
        children.put(
                "a child with one more account",
                wider(agent, "{\"constraint_type\":\"one_of\",\"values\":[\"DE42\",\"XX99\"]}"));
        children.put("a child whose account may be absent", wider(agent, ACCOUNT.replace("}", ",\"optional\":true}")));
        return Stream.concat(
                bodies.entrySet().stream()
                        .map(way -> DynamicTest.dynamicTest(way.getKey(), () -> {
                            upstream.forget();
                            assertThat(transfer(agent, way.getValue()).statusCode())
                                    .isGreaterThanOrEqualTo(400);
                            assertThat(upstream.seen()).isEmpty();
                        })),
                children.entrySet().stream()
                        .map(way -> DynamicTest.dynamicTest(way.getKey(), () -> {
                            upstream.forget();
                            assertThat(transfer(way.getValue(), "{\"account\":\"XX99\",\"amount\":120}")
                                            .statusCode())
                                    .isGreaterThanOrEqualTo(400);
                            assertThat(upstream.seen()).isEmpty();
                        })));
    }
}
