package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code errand agent} before a gateway: starts, calls of curl, what goes on and what does not, and its end. */
class CompanionIT {
    private static final String URL = "\"$ERRAND_AGENT\"/vault/v1/secret/data/docs/payments/";

    private static final String OTHER = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

    @TempDir
    private static Path directory;

    private static TestHuman human;
    private static TestWorkloads workloads;
    private static RecordingUpstream upstream;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() {
        human = TestHuman.releaseManager();
        workloads = TestWorkloads.exampleOrg();
        upstream = new RecordingUpstream();
        gateway = RunningGateway.with()
                .trusting(human, workloads)
                .upstream(upstream)
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

    private static Companion explore(String... more) throws Exception {
        return Companion.explore(gateway.address(), human, workloads, directory, more);
    }

    private static String lastState() {
        return gateway.records().stream()
                .map(Jws::object)
                .map(JsonObject::toString)
                .reduce("", (first, second) -> second);
    }

    @Test
    void command_callsWithItsTask_andTheTaskEndsWithIt() throws Exception {
        ServerProcess.Outcome outcome = explore("--instruction-ref", "https://tracker.example.org/REL-42")
                .run("sh", "-c", "curl -s -i " + URL + "a; echo \"[$ERRAND_TASK]\"; exit 7");
        assertThat(outcome.exit()).as(outcome.text()).isEqualTo(7);
        assertThat(outcome.text()).contains("errand agent: task t-", "200 OK", "{}", "[t-");
        assertThat(upstream.seen()).hasSize(1);
        assertThat(lastState()).contains("holder");
    }

    @Test
    void paths_withoutTheSecret_areNotThere() throws Exception {
        ServerProcess.Outcome outcome = explore()
                .run(
                        "sh",
                        "-c",
                        "root=${ERRAND_AGENT%/*}; for path in / /vault/v1/secret/data/docs/payments/a"
                                + " /0123456789abcdef0123456789abcdef/vault/v1/secret/data/docs/payments/a"
                                + "; do"
                                + " curl -s -o /dev/null -w '%{http_code} ' \"$root$path\"; done;"
                                + " curl -s -o /dev/null -w '%{http_code} ' \"$ERRAND_AGENT\"");
        assertThat(outcome.text()).contains("404 404 404 404 ");
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void credentialsOfTheTool_endAtTheCompanion() throws Exception {
        explore()
                .run(
                        "sh",
                        "-c",
                        "curl -s " + URL + "a -H 'Authorization: Bearer mine' -H 'X-Vault-Token: mine'"
                                + " -H 'Cookie: mine' -H 'DPoP: mine' -H 'Delegation-Chain: mine' -H 'AAT-PoP: mine'"
                                + " -H 'Workload-SVID: mine' -H 'X-Amz-Date: mine' -H 'X-Amz-Security-Token: mine'"
                                + " -H 'X-Amz-Content-Sha256: mine' -H 'X_Vault_Token: mine' -H 'Prefer: yes'");
        assertThat(upstream.seen()).hasSize(1);
        assertThat(upstream.seen().get(0).headers().toString()).doesNotContain("mine");
        assertThat(upstream.seen().get(0).header("Prefer")).isEqualTo("yes");
    }

    @Test
    void refusals_passAsTheyAre() throws Exception {
        ServerProcess.Outcome outcome =
                explore().run("sh", "-c", "curl -s -i \"$ERRAND_AGENT\"/vault/v1/secret/data/other/a");
        assertThat(outcome.text()).contains("403 Forbidden", "constraint-violated");
        assertThat(upstream.seen()).isEmpty();
    }

    @Test
    void withoutCommand_itPrintsWhatCommandWouldBeGiven_andEndsBySignal() throws Exception {
        try (RunningClient companion = explore().begins()) {
            String said = companion.says("no_proxy=");
            assertThat(said)
                    .contains(
                            "errand agent: any local user who learns an address",
                            "errand agent: task t-",
                            "\nERRAND_AGENT=http://127.0.0.1:",
                            "\nERRAND_TASK=t-");
            String agent = said.lines()
                    .filter(line -> line.startsWith("ERRAND_AGENT="))
                    .findFirst()
                    .orElseThrow()
                    .substring("ERRAND_AGENT=".length());
            assertThat(Direct.call("GET", agent + "/vault/v1/secret/data/docs/payments/a", "")
                            .statusCode())
                    .isEqualTo(200);
            companion.signal("TERM");
            assertThat(companion.ends()).isZero();
        }
    }

    /** As an agent finds it that another container runs. */
    @Test
    void environmentFile_isWhatCommandWouldBeGiven_andNothingOfItIsPrinted() throws Exception {
        Path file = directory.resolve("environment");
        try (RunningClient companion = explore("--environment", file.toString()).begins()) {
            String said = companion.says(", its environment in " + file);
            String called = ServerProcess.run("sh", "-c", ". " + file + " && curl -s -i " + URL + "a");
            assertThat(called).contains("200 OK");
            assertThat(said).doesNotContain("ERRAND_AGENT", "http://");
            companion.signal("TERM");
            assertThat(companion.ends()).isZero();
        }
        assertThat(file).doesNotExist();
    }

    /** {@code deploy/agent-folder}: what a machine without a JDK runs, from the cache that was made with it. */
    @Test
    void folder_withAJavaOfItsOwn_runsWithoutAJdk() throws Exception {
        Path jar = RunningGateway.repository().resolve("agent/target/errand-agent.jar");
        assumeThat(jar).as("built before").exists();
        Path folder = directory.resolve("folder");
        ProcessBuilder link = new ProcessBuilder(
                RunningGateway.repository().resolve("deploy/agent-folder").toString(),
                folder.toString(),
                jar.toString());
        link.environment().put("JAVA_HOME", System.getProperty("java.home"));
        ServerProcess.Outcome linked = ServerProcess.end(link, "");
        assertThat(linked.exit()).as(linked.text()).isZero();

        List<String> command =
                new ArrayList<>(List.of(folder.resolve("bin/errand").toString(), "agent"));
        command.addAll(explore().options());
        command.addAll(List.of(
                "--",
                "sh",
                "-c",
                "readlink /proc/$PPID/exe; grep -o 'lib/start[.][a-z]*$' /proc/$PPID/maps; curl -s -i " + URL + "a"));
        ProcessBuilder run = new ProcessBuilder(command);
        run.environment().clear();
        run.environment().put("PATH", "/usr/bin:/bin");
        ServerProcess.Outcome outcome = ServerProcess.end(run, "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        assertThat(outcome.text())
                .contains(folder.toRealPath().resolve("runtime/bin/java").toString(), "lib/start.", "200 OK");
    }

    /** A companion below another, as COMMAND of the one above starts it. */
    private static String below(String options, String script) {
        return String.join(" ", new Companion(Map.of(), List.of()).command()) + " --from \"$ERRAND_DERIVE\" " + options
                + " -- sh -c '" + script + "'";
    }

    @Test
    void child_callsLessThanItsParent_andItsEndIsItsOwn() throws Exception {
        String read = "curl -s -o /dev/null -w \"%{http_code} \" $ERRAND_AGENT/vault/v1/secret/data/docs/payments/";
        String child = below(
                "--allow '{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":"
                        + "\"secret/docs/payments/a\"}}}' --calls 2",
                read + "a; " + read + "b; " + read + "a; " + read + "a; echo; env");
        ServerProcess.Outcome outcome = explore("--derive", "1")
                .run("sh", "-c", child + "; curl -s -o /dev/null -w 'parent:%{http_code}' " + URL + "b");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains("200 403 200 403", "parent:200").doesNotContain("ERRAND_DERIVE=");
        assertThat(upstream.seen()).hasSize(3);
    }

    @Test
    void child_thatWouldExceedItsParent_isNotDerived() throws Exception {
        ServerProcess.Outcome outcome =
                explore("--derive", "1").run("sh", "-c", below("--allow '{\"ci:pipeline.trigger\":{}}'", "true"));
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text()).contains("the companion above derives no such child: 400", "4p1");
    }

    @Test
    void command_cannotDerive_unlessItIsSaidSo() throws Exception {
        assertThat(explore().run("sh", "-c", "echo \"[$ERRAND_DERIVE]\"").text())
                .contains("[]");
    }

    @Test
    void unixSocket_isTheUsersAlone() throws Exception {
        Path socket = directory.resolve("agent.sock");
        ServerProcess.Outcome outcome = explore("--listen", "unix:" + socket)
                .run(
                        "sh",
                        "-c",
                        "stat -c %a " + socket + "; curl -s --unix-socket " + socket
                                + " http://x/vault/v1/secret/data/docs/payments/a; env | grep ERRAND");
        assertThat(outcome.text())
                .contains("600\n{}", "ERRAND_AGENT=unix:" + socket)
                .doesNotContain("ERRAND_ROUTE");
        assertThat(socket).doesNotExist();
    }

    /** The other user has read the secret address from the arguments of a tool. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "[::1]:0"})
    void otherUsers_whoKnowTheAddress_areClosed(String address) throws Exception {
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                .as("root")
                .isEqualTo(0);
        String call = "curl -g -s -o /dev/null -w '%{http_code} ' " + URL + "a";
        String script = call + "; " + OTHER + call + "; " + call;
        ServerProcess.Outcome closed = explore("--listen", address).run("sh", "-c", script);
        assertThat(closed.text()).contains("200 ", "000 200 ", "closed a connection of user 65534", "2 permitted");
        assertThat(explore("--listen", address, "--peer", "any")
                        .run("sh", "-c", script)
                        .text())
                .contains("200 200 200 ", "3 permitted");
        List<String> ofAnotherUser = new ArrayList<>(List.of(OTHER.strip().split(" ")));
        ofAnotherUser.addAll(List.of("sh", "-c", call));
        assertThat(explore("--listen", address)
                        .run(ofAnotherUser.toArray(String[]::new))
                        .text())
                .contains("200 ")
                .doesNotContain("closed");
    }

    @Test
    void tls_isByAnAuthorityThatToolsAreTold() throws Exception {
        ServerProcess.Outcome outcome = explore("--tls")
                .run(
                        "sh",
                        "-c",
                        "echo $ERRAND_AGENT; curl -s " + URL + "a && env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl -s "
                                + URL + "a; echo without:$?; openssl x509 -in $ERRAND_CA -noout -text"
                                + " | grep -A4 'Name Constraints'");
        assertThat(outcome.text())
                .contains("https://127.0.0.1:", "{}", "without:60", "DNS:localhost", "IP:127.0.0.0/255.0.0.0");
        assertThat(upstream.seen()).hasSize(1);
    }

    /** kubectl needs an address without a path for {@code --raw}, and shows a token only over TLS; others may speak HTTP. */
    @Test
    void kubeconfig_isForAListenerOfTheRoute_byItsToken() throws Exception {
        Companion companion = Companion.of(gateway, TestAgent.release(gateway, human, workloads), directory);
        String script = """
                import base64, json, os, ssl, sys, urllib.error, urllib.request as http
                config = json.load(open(os.environ["KUBECONFIG"]))
                cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
                trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
                path = "/apis/apps/v1/namespaces/staging/deployments/payments"
                def status(url, authorization=None):
                    request = http.Request(url + path, headers={"Authorization": authorization} if authorization else {})
                    try:
                        return http.urlopen(request, context=trust if url.startswith("https") else None).status
                    except urllib.error.HTTPError as error:
                        return error.code
                plain = "http://" + os.environ["ERRAND_LISTEN_K8S"]
                basic = "Basic " + base64.b64encode(("errand:" + os.environ["ERRAND_PASSWORD_K8S"]).encode()).decode()
                print(status(cluster["server"], "Bearer " + token), status(cluster["server"]), status(plain, basic), status(plain))
                """;
        ServerProcess.Outcome outcome = companion.run("python3", "-c", script);
        assertThat(outcome.text()).contains("200 401 200 401");
        assertThat(upstream.seen())
                .extracting(RecordingUpstream.Seen::target)
                .containsOnly("/apis/apps/v1/namespaces/staging/deployments/payments")
                .hasSize(2);
    }

    @Test
    void signals_arePassedOn() throws Exception {
        // Not INT: a shell that runs the tests in the background ignores it for all of them.
        try (RunningClient companion =
                explore().begins("sh", "-c", "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.1; done")) {
            companion.says("ready");
            companion.signal("TERM");
            companion.says("got");
            assertThat(companion.ends()).isEqualTo(5);
        }
    }

    @Test
    void command_thatIsNotThere_is127_andItsTaskEnds() throws Exception {
        ServerProcess.Outcome outcome = explore().run("/nowhere/tool");
        assertThat(outcome.exit()).as(outcome.text()).isEqualTo(127);
        assertThat(lastState()).contains("holder");
    }

    @Test
    void start_thatIsRefused_isSaidInOneLine() throws Exception {
        ServerProcess.Outcome outcome =
                explore("--param", "project=NOT-A-PROJECT").run("true");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text()).startsWith("errand agent: the task was not started: the gateway answered 400");
        assertThat(outcome.text().lines()).hasSize(1);
    }

    @Test
    void issuer_thatIsNotTheGateways_stopsIt() throws Exception {
        ServerProcess.Outcome outcome =
                explore("--issuer", "https://other.example.org").run("true");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.text()).contains("calls itself '" + RunningGateway.ISSUER + "'");
    }
}
