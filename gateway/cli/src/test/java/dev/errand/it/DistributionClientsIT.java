package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.AuditedServer.Executed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** oras, skopeo and crane as they are shipped, against the distribution project's registry, inside a task and outside it. */
@Tag("distribution")
class DistributionClientsIT {
    private static final Page PAGE = new Page("docs/operations/registry.md");
    private static final String GRANTS = PAGE.grants("# oras and skopeo");
    /** Without tags and deletions. */
    private static final String PUSH_AND_PULL = GRANTS.lines()
            .filter(line -> !line.contains("tag.list") && !line.contains("delete"))
            .collect(Collectors.joining("\n", "", "\n"));

    @TempDir
    private Path directory;

    private static String at(SigningProxy proxy) {
        return proxy.address().substring("http://".length());
    }

    private Client client(SigningProxy proxy, String... program) {
        return new Client(proxy, Map.of("HOME", directory.toString()), List.of(program));
    }

    private Client oras(SigningProxy proxy) {
        return client(proxy, RealServer.program("oras", "oras/oras").toString());
    }

    private Client skopeo(SigningProxy proxy) {
        RealServer.program("skopeo", "");
        return client(proxy, "skopeo", "--insecure-policy");
    }

    @Test
    @Tag("oras")
    void oras_insideItsTask_pushesTagsListsPullsAttachesAndDeletes() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, GRANTS);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client oras = oras(proxy);
            String image = at(proxy) + "/team/app:1.0";
            Path file = Files.writeString(directory.resolve("hello.txt"), "hello");
            Path pulled = Files.createDirectories(directory.resolve("pulled"));
            oras.succeeds("Digest", "push", "--plain-http", "--disable-path-validation", image, file + ":text/plain");
            oras.succeeds("2.0", "tag", "--plain-http", image, "2.0");
            assertThat(oras.succeeds("1.0", "repo", "tags", "--plain-http", at(proxy) + "/team/app"))
                    .contains("2.0");
            oras.succeeds(
                    "Digest",
                    "attach",
                    "--plain-http",
                    "--disable-path-validation",
                    "--artifact-type=example/signature",
                    image,
                    file + ":text/plain");
            oras.succeeds("example/signature", "discover", "--plain-http", image);
            oras.succeeds("Digest", "pull", "--plain-http", "--allow-path-traversal", "-o", pulled.toString(), image);
            oras.succeeds("mediaType", "manifest", "fetch", "--plain-http", image);
            oras.succeeds("Deleted", "manifest", "delete", "--plain-http", "--force", image);
            server.settle();
            assertThat(server.executed()).extracting(Executed::who).containsOnly(server.principal());
            assertThat(Client.named(fronted)).contains("registry:manifest.delete", "registry:tag.list");
        }
    }

    @Test
    @Tag("oras")
    void oras_outsideItsTask_failsAndNothingIsWritten() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, PUSH_AND_PULL);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client oras = oras(proxy);
            String image = at(proxy) + "/team/app:1.0";
            Path file = Files.writeString(directory.resolve("hello.txt"), "hello");
            oras.succeeds("Digest", "push", "--plain-http", "--disable-path-validation", image, file + ":text/plain");
            server.settle();
            int before = server.executed().size();
            oras.fails("pull", "--plain-http", at(proxy) + "/other/app:1.0");
            oras.fails(
                    "push",
                    "--plain-http",
                    "--disable-path-validation",
                    at(proxy) + "/other/app:1.0",
                    file + ":text/plain");
            oras.fails("repo", "tags", "--plain-http", at(proxy) + "/team/app");
            oras.fails("repo", "ls", "--plain-http", at(proxy));
            oras.fails("manifest", "delete", "--plain-http", "--force", image);
            // Across repositories of one registry oras asks it to mount the blobs.
            oras.fails("cp", "--from-plain-http", "--to-plain-http", image, at(proxy) + "/other/app:1.0");
            server.settle();
            assertThat(server.executed().subList(before, server.executed().size()))
                    .as("what it may read it reads")
                    .extracting(Executed::verb)
                    .containsOnly("GET", "HEAD");
        }
    }

    /** Within one registry oras has it take the blobs over, so the task names both repositories. */
    @Test
    @Tag("oras")
    void oras_copyInOneRegistry_mountsFromTheRepositoryThatItsTaskNames() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, PAGE.grants("# oras cp"));
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client oras = oras(proxy);
            String image = at(proxy) + "/team/app:1.0";
            String copy = at(proxy) + "/team/copy:1.0";
            Path file = Files.writeString(directory.resolve("hello.txt"), "hello");
            oras.succeeds("Digest", "push", "--plain-http", "--disable-path-validation", image, file + ":text/plain");
            oras.succeeds("Copied", "cp", "--from-plain-http", "--to-plain-http", image, copy);
            oras.succeeds("digest", "manifest", "fetch", "--plain-http", "--descriptor", copy);
            oras.fails("cp", "--from-plain-http", "--to-plain-http", image, at(proxy) + "/team/third:1.0");
        }
    }

    @Test
    @Tag("skopeo")
    void skopeo_insideItsTaskAndOutsideIt() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, GRANTS);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client skopeo = skopeo(proxy);
            String layout = "oci:" + OciLayout.of(directory) + ":1.0";
            String image = "docker://" + at(proxy) + "/team/app:1.0";
            String other = "docker://" + at(proxy) + "/other/app:1.0";
            skopeo.succeeds("Writing manifest", "copy", "--dest-tls-verify=false", layout, image);
            skopeo.succeeds("amd64", "inspect", "--tls-verify=false", image);
            skopeo.succeeds("1.0", "list-tags", "--tls-verify=false", "docker://" + at(proxy) + "/team/app");
            String back = "dir:" + directory.resolve("copied");
            skopeo.succeeds("Writing manifest", "copy", "--src-tls-verify=false", image, back);
            server.settle();
            int before = server.executed().size();
            skopeo.fails("copy", "--dest-tls-verify=false", layout, other);
            skopeo.fails("inspect", "--tls-verify=false", other);
            skopeo.fails("list-tags", "--tls-verify=false", "docker://" + at(proxy) + "/other/app");
            skopeo.fails("delete", "--tls-verify=false", other);
            server.settle();
            assertThat(server.executed().subList(before, server.executed().size()))
                    .as("it pings")
                    .extracting(Executed::resource)
                    .containsOnly("ping");
            skopeo.succeeds("", "delete", "--tls-verify=false", image);
            assertThat(proxy.headers()).contains("docker-distribution-api-version");
        }
    }

    @Test
    @Tag("skopeo")
    void skopeo_copiesInsideThePagesTemplate_andNotOutsideIt() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = FrontedServer.ofPage(
                        "registry", server.uri(), server.credential(), PAGE, "push-image", "{\"service\":\"app\"}");
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client skopeo = skopeo(proxy);
            String layout = "oci:" + OciLayout.of(directory) + ":1.0";
            skopeo.succeeds(
                    "Writing manifest",
                    "copy",
                    "--dest-tls-verify=false",
                    layout,
                    "docker://" + at(proxy) + "/team/app:1.0");
            assertThat(server.call("GET", "/v2/team/app/tags/list", "").body()).contains("1.0");
            skopeo.fails("copy", "--dest-tls-verify=false", layout, "docker://" + at(proxy) + "/team/other:1.0");
            skopeo.fails("delete", "--tls-verify=false", "docker://" + at(proxy) + "/team/app:1.0");
        }
    }

    @Test
    @Tag("crane")
    void crane_insideItsTaskAndOutsideIt() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, GRANTS);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            Client crane =
                    client(proxy, RealServer.program("crane", "crane/crane").toString());
            String image = at(proxy) + "/team/app:1.0";
            String other = at(proxy) + "/other/app:1.0";
            Path layout = OciLayout.of(directory);
            crane.succeeds("@sha256:", "push", layout.toString(), image);
            String said = crane.succeeds("sha256:", "digest", image).strip();
            String digest = said.substring(said.lastIndexOf('\n') + 1);
            crane.succeeds("amd64", "config", image);
            crane.succeeds("layers", "manifest", image);
            crane.succeeds("", "tag", image, "2.0");
            // It tries TLS first, and says so.
            assertThat(crane.succeeds("1.0", "ls", at(proxy) + "/team/app")
                            .lines()
                            .filter(line -> !line.contains("retrying")))
                    .containsExactlyInAnyOrder("1.0", "2.0");
            Path pulled = directory.resolve("pulled");
            crane.succeeds("", "pull", "--format=oci", image, pulled.toString());
            assertThat(pulled.resolve("index.json")).exists();
            server.settle();
            int before = server.executed().size();
            crane.fails("push", layout.toString(), other);
            crane.fails("digest", other);
            assertThat(crane.fails("ls", at(proxy) + "/other/app"))
                    .contains("errand: constraint-violated", "(decision ");
            crane.fails("catalog", at(proxy));
            crane.fails("copy", image, other);
            crane.fails("delete", at(proxy) + "/other/app@" + digest);
            server.settle();
            assertThat(server.executed().subList(before, server.executed().size()))
                    .as("it pings, and reads what it copies")
                    .extracting(Executed::resource)
                    .allMatch(resource -> resource.equals("ping") || resource.startsWith("team/app"));
            crane.succeeds("", "delete", at(proxy) + "/team/app@" + digest);
        }
    }
}
