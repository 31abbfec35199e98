package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients of S3 as people use them, below the companion in a task of the page's template, as it stands: connecting, listing, retrying
 * and four transfers at once are refused nothing, and end no task. A write to another month is refused, and the client shows why.
 */
@Tag("minio")
class FirstContactIT {
    private static final Page PAGE = new Page("docs/operations/s3.md");
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static MinioServer server;
    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        server = new MinioServer(directory);
        for (String bucket : List.of("reports", "archive", "states")) {
            Files.createDirectories(directory.resolve("minio-drive").resolve(bucket));
        }
        Path many = Files.createDirectories(directory.resolve("many"));
        for (int i = 0; i < 12; i++) {
            Files.writeString(many.resolve("f" + i + ".txt"), "report " + i);
        }
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file(
                        "application.yaml",
                        FrontedServer.application("s3", server.uri(), List.of("UpstreamCredential=s3")))
                .file("tasks/publish-report.yaml", PAGE.block("template: publish-report"))
                .file("tasks/terraform-state.yaml", PAGE.block("template: terraform-state"));
        server.credential().forEach(builder::property);
        gateway = builder.start();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {gateway, server}) {
            if (one != null) {
                one.close();
            }
        }
    }

    /**
     * @param text what the client wrote
     * @param refused code and operation of each refusal
     */
    private record Seen(String text, Set<String> refused) {}

    /** Runs a script in a task of its own, which it must end with status 0 and leave running. */
    private static Seen seen(String details, Map<String, String> environment, String script) throws Exception {
        TestAgent agent = TestAgent.start(gateway, TestKey.ed25519("agent"), HUMAN.token(), WORKLOADS, details);
        Companion companion = Companion.of(gateway, agent, directory);
        for (Map.Entry<String, String> one : environment.entrySet()) {
            companion = companion.with(one.getKey(), one.getValue());
        }
        ServerProcess.Outcome outcome = companion.run("sh", "-ec", "cd " + directory + "\n" + script);
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        Set<String> refused = new TreeSet<>();
        for (String line : gateway.records()) {
            JsonObject record = Jws.object(line);
            if (agent.task().equals(record.string("task")) && "deny".equals(record.string("outcome"))) {
                refused.add(record.string("code") + ' ' + record.string("operation"));
                assertThat(line).doesNotContain("\"reaction\":\"interrupt\"");
            }
        }
        return new Seen(outcome.text(), refused);
    }

    /** Runs a script that reads and writes one month, and fails to write another, which is all that it is refused. */
    private static void worksInItsMonth(Map<String, String> environment, String script) throws Exception {
        String details = "{\"template\":\"publish-report\",\"parameters\":{\"month\":\"2026-11\"}}";
        Seen seen = seen(details, environment, script);
        // rclone asks first whether the folder is an object.
        assertThat(seen.refused())
                .as(seen.text())
                .contains("constraint-violated s3:PutObject")
                .isSubsetOf("constraint-violated s3:PutObject", "constraint-violated s3:GetObject");
        assertThat(seen.text()).contains("errand: constraint-violated: ", "(decision d-");
    }

    @Test
    @Tag("s3-tools")
    void rclone_copiesListsAndCompares() throws Exception {
        RealServer.fetch("s3-tools");
        worksInItsMonth(Map.of(), """
                unset AWS_CA_BUNDLE
                export RCLONE_CONFIG_R_TYPE=s3 RCLONE_CONFIG_R_PROVIDER=Minio RCLONE_CONFIG_R_ENV_AUTH=true
                export RCLONE_CONFIG_R_ENDPOINT=$AWS_ENDPOINT_URL_S3 RCLONE_CONFIG_R_REGION=$AWS_REGION
                rclone --retries 1 copy many R:reports/2026-11/rclone
                test "$(rclone lsf R:reports/2026-11/rclone 2>/dev/null | wc -l)" = 12
                rclone --retries 1 check many R:reports/2026-11/rclone
                rclone --retries 1 copy R:reports/2026-11/rclone back
                test "$(ls back | wc -l)" = 12
                ! rclone --retries 1 copy many R:reports/2025-01
                """);
    }

    @Test
    @Tag("s3-tools")
    void s3cmd_putsGetsListsAndSynchronizes() throws Exception {
        RealServer.fetch("s3-tools");
        worksInItsMonth(Map.of(), """
                host=${AWS_ENDPOINT_URL_S3#http://}
                s() {
                  s3cmd -c /dev/null --access_key=$AWS_ACCESS_KEY_ID --secret_key=$AWS_SECRET_ACCESS_KEY --no-ssl \\
                    --host=$host --host-bucket=$host --region=$AWS_REGION "$@"
                }
                s put many/f0.txt s3://reports/2026-11/s3cmd.txt
                s get --force s3://reports/2026-11/s3cmd.txt got.txt
                s ls s3://reports/2026-11/s3cmd.txt
                s sync many/ s3://reports/2026-11/s3cmd/
                ! s put many/f0.txt s3://reports/2025/x
                """);
    }

    @Test
    @Tag("aws")
    void aws_copiesListsAndSynchronizes() throws Exception {
        worksInItsMonth(Map.of("AWS", RealServer.program("aws", "aws/bin/aws").toString()), """
                $AWS s3 cp many/f0.txt s3://reports/2026-11/aws.txt
                $AWS s3 ls s3://reports/2026-11/
                $AWS s3 sync many s3://reports/2026-11/aws
                $AWS s3 cp s3://reports/2026-11/aws.txt -
                ! $AWS s3 cp many/f0.txt s3://reports/2025/x
                $AWS s3 cp s3://reports/2026-11/aws.txt s3://archive/2026-11/aws.txt
                """);
    }

    private static String client(String name) {
        return RunningGateway.repository()
                .resolve("gateway/cli/src/test/clients")
                .resolve(name)
                .toString();
    }

    @Test
    @Tag("python")
    void boto3_putsGetsListsAndSendsParts() throws Exception {
        worksInItsMonth(
                Map.of("PYTHON", RealServer.python().toString()),
                "$PYTHON " + client("s3_host.py") + " reports 2026-11 2025");
    }

    @Test
    @Tag("clients-node")
    void nodesClient_putsGetsAndLists() throws Exception {
        worksInItsMonth(
                Map.of(
                        "CLIENTS_NODE",
                        RealServer.program("clients-node", "clients-node").toString()),
                "node " + client("s3_host.mjs") + " reports 2026-11 2025");
    }

    @Test
    void terraform_keepsItsStateBehindALock() throws Exception {
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v terraform").start().waitFor() == 0, "there is no terraform");
        Files.writeString(
                Files.createDirectories(directory.resolve("tf")).resolve("main.tf"), PAGE.block("terraform {"));
        Seen seen = seen("{\"template\":\"terraform-state\",\"parameters\":{\"stack\":\"web\"}}", Map.of(), """
                cd tf
                terraform init -input=false -no-color
                terraform apply -auto-approve -input=false -no-color
                terraform state list
                """);
        assertThat(seen.refused()).as(seen.text()).isEmpty();
    }
}
