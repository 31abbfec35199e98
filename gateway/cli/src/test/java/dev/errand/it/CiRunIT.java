package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/run} with stand-ins for what it starts: which tests it leaves out, what it counts, and what it says last. */
@EnabledOnOs(OS.LINUX)
class CiRunIT {
    private static final String BUILD = """
            echo "$@" >>"$(dirname "$0")/builds"
            case "$*" in
              *-Pdeploy*) echo '[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0' ;;
              *) echo '[INFO] Tests run: 12, Failures: 0, Errors: 0, Skipped: 2' ;;
            esac
            echo '[INFO] BUILD SUCCESS'
            """;

    @TempDir
    private Path top;

    @BeforeEach
    void arrange() throws IOException {
        Files.createDirectory(top.resolve(".ci"));
        for (String script : List.of(".ci/run", ".ci/full")) {
            Files.copy(
                    RunningGateway.repository().resolve(script),
                    top.resolve(script),
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        servers("exit 0");
        program("mvnw", BUILD);
        program("errand", "echo shown");
        // The script waits two seconds for the last lines of the tests.
        Files.createDirectory(top.resolve("bin"));
        program("bin/sleep", "[ $1 != 2 ] || set -- 0.2\nexec -a sleep /bin/sleep \"$@\"");
    }

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(top.resolve(name), "#!/usr/bin/env bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A stand-in for {@code .ci/servers} with the list of the real one. */
    private void servers(String script) throws IOException {
        program(
                ".ci/servers",
                "[ $1 != --list ] || exec " + RunningGateway.repository().resolve(".ci/servers") + " --list\n"
                        + script);
    }

    /** The lines of a run that came to that status. */
    private List<String> run(int exit, String minutes) throws Exception {
        return run(".ci/run", exit, minutes);
    }

    private List<String> run(String script, int exit, String minutes) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", top.resolve(script).toString());
        builder.environment().put("ERRAND_CI_MINUTES", minutes);
        builder.environment().merge("PATH", top.resolve("bin").toString(), (before, ours) -> ours + ":" + before);
        ServerProcess.Outcome outcome = ServerProcess.end(builder, "");
        assertThat(outcome.exit()).as(outcome.text()).isEqualTo(exit);
        return outcome.text().lines().toList();
    }

    /** How many servers the script knows. */
    private int servers() throws Exception {
        String list = ServerProcess.run(
                RunningGateway.repository().resolve(".ci/servers").toString(), "--list");
        return (int) list.lines().count();
    }

    /** The last line of a run that left out so many servers; two tests of its build were skipped. */
    private static String skipped(int servers) {
        return "10 passed, 0 failed, " + (2 + servers) + " skipped";
    }

    private String build() throws IOException {
        return Files.readAllLines(top.resolve("builds")).get(0);
    }

    @Test
    void allServersAreReady_nothingIsLeftOut() throws Exception {
        List<String> lines = run(0, "48");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("13 passed, 0 failed, 2 skipped");
        assertThat(lines).noneMatch(line -> line.startsWith("left out"));
        assertThat(build()).contains("-Preal-servers").doesNotContain("test.excluded");
    }

    @Test
    void serversThatAreNotReady_areLeftOutCountedAndNamed() throws Exception {
        servers("case $1 in minio|gitea) echo \"servers: $1: could not be had: no\"; exit 1 ;; esac");
        List<String> lines = run(0, "48");
        assertThat(lines).contains("servers: minio: could not be had: no");
        assertThat(lines.subList(lines.size() - 2, lines.size()))
                .containsExactly(
                        "left out, each counted as one skipped: minio (no), gitea (no)",
                        "13 passed, 0 failed, 4 skipped");
        assertThat(build()).endsWith("-Dtest.excluded=minio | gitea");
    }

    @Test
    void noTimeForServers_thoseThatAreNotThereAreLeftOut() throws Exception {
        servers("[ -z \"$ERRAND_SERVERS_OFFLINE\" ] || [ \"$1\" = apiserver ]");
        List<String> lines = run(0, "42");
        assertThat(lines.get(lines.size() - 2))
                .startsWith("left out, each counted as one skipped: etcd (no time), registry (no time)")
                .doesNotContain("apiserver");
        assertThat(lines.get(lines.size() - 1)).isEqualTo(skipped(servers() - 1));
        assertThat(build())
                .contains("-Dtest.excluded=etcd | registry", " | vault")
                .doesNotContain("apiserver");
    }

    @Test
    void fullRun_withoutAServer_isAFailure() throws Exception {
        servers("[ $1 != vault ] || { echo 'servers: vault: could not be had: no'; exit 1; }");
        List<String> lines = run(".ci/full", 1, "1");
        assertThat(lines.subList(lines.size() - 2, lines.size()))
                .containsExactly("left out, each counted as one skipped: vault (no)", "13 passed, 1 failed, 3 skipped");
    }

    @Test
    void scriptOfServersThatIsBroken_isAFailure() throws Exception {
        servers("[ $1 != vault ] || exit 2");
        List<String> lines = run(1, "48");
        assertThat(lines.get(lines.size() - 2)).endsWith("vault (status 2)");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("13 passed, 1 failed, 3 skipped");
    }

    @Test
    void noServerIsThereAndNoTime_allAreLeftOut() throws Exception {
        servers("[ -z \"$ERRAND_SERVERS_OFFLINE\" ]");
        List<String> lines = run(0, "42");
        assertThat(lines.get(lines.size() - 2))
                .startsWith("left out, each counted as one skipped: etcd (no time), registry (no time)");
        assertThat(lines.get(lines.size() - 1)).isEqualTo(skipped(servers()));
        assertThat(build()).contains(" | apiserver");
    }

    @Test
    void serverThatLeavesAProcess_itIsEnded() throws Exception {
        // The script ends when its child is the sleep, not still the shell or setsid.
        servers("[ \"$1\" = etcd ] || exit 0; setsid sleep 61.39 & "
                + "until [ \"$(head -zn1 /proc/$!/cmdline | tr -d '\\0')\" = sleep ]; do :; done; exit 0");
        assertThat(run(0, "48")).anyMatch(line -> line.startsWith("left running: ") && line.endsWith("sleep 61.39 "));
    }

    @Test
    void testThatIsSkipped_isNamedWithItsReason() throws Exception {
        program("mvnw", BUILD + """
                mkdir -p "$(dirname "$0")/target/failsafe-reports"
                cat >"$(dirname "$0")/target/failsafe-reports/TEST-OneIT.xml" <<'END'
                  <testcase name="runs" classname="dev.errand.OneIT" time="0.1"/>
                  <testcase name="mounts" classname="dev.errand.OneIT" time="0.2">
                    <skipped message="no right to mount" type="org.opentest4j.TestAbortedException"><![CDATA[x]]></skipped>
                END
                """);
        assertThat(run(0, "48"))
                .contains("skipped: dev.errand.OneIT mounts: no right to mount")
                .noneMatch(line -> line.contains("OneIT runs"));
    }

    @Test
    void demoThatFails_isAFailure_andTheRestIsRun() throws Exception {
        program("errand", "echo 'no demo today'; exit 3");
        List<String> lines = run(1, "48");
        assertThat(lines).contains("no demo today", "demo failed");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("13 passed, 1 failed, 2 skipped");
    }

    @Test
    void buildThatFails_isAFailureThoughItsTestsPassed() throws Exception {
        program("mvnw", BUILD.replace("BUILD SUCCESS", "BUILD FAILURE") + "exit 1");
        List<String> lines = run(1, "48");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("10 passed, 1 failed, 2 skipped");
    }

    @Test
    void buildWithoutATest_isAFailure() throws Exception {
        program("mvnw", "echo '[INFO] BUILD SUCCESS'");
        List<String> lines = run(1, "48");
        assertThat(lines).contains("verify ran no test that passed");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("0 passed, 1 failed, 0 skipped");
    }
}
