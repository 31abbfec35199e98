package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.SpellingRun.Permitted;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spelling table against Debian's docker-registry, which logs each request's name, reference, digest or upload. */
@Tag("registry")
class RegistrySpellingIT {
    private static final String DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private static final String MANIFEST = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":5,"digest":"%s"},"layers":[]}""".formatted(DIGEST);
    private static final String TYPE = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";

    @Test
    void table_throughTheGateway_isTheNamedOperationOrRefused(@TempDir Path directory) {
        try (RealServer registry = RealServer.registry(directory);
                RecordingRelay relay = new RecordingRelay(registry.port());
                FrontedServer fronted =
                        FrontedServer.start("registry", relay.uri(), FrontedServer.everything("registry"))) {
            Witness witness = new Witness(registry);
            witness.pushBlob();
            SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, witness);
            Spelling.Base pull = base("GET", "/v2/team/app/manifests/1.0", "", "", "");
            Spelling.Base push = base("PUT", "/v2/team/app/manifests/1.0", "", TYPE, MANIFEST);
            run.run(Spelling.of(pull));
            run.run(Spelling.of(push));
            run.run(Spelling.of(base("DELETE", "/v2/team/app/blobs/" + DIGEST, "", "", "")));
            run.run(Spelling.of(base("POST", "/v2/team/app/blobs/uploads/", "", "", "")));
            run.run(Spelling.of(base("GET", "/v2/_catalog", "?n=5", "", "")));
            run.run(queries());
            run.run(Spelling.framings(
                    push,
                    "DELETE /registry/v2/team/app/blobs/" + DIGEST
                            + " HTTP/1.1\r\nHost: x\r\n\r\nDELETE /v2/team/app/blobs/" + DIGEST
                            + " HTTP/1.1\r\nHost: x\r\n\r\n"));
            assertThat(run.wrong()).isEmpty();
            assertThat(run.permitted()).contains("plain", "method HEAD", "chunked", "letter at 3 as %74");
            assertThat(run.outcomes()).doesNotContainKeys("invalid-token", "not-granted", "decision-unavailable");
        }
    }

    private static Spelling.Base base(String method, String path, String query, String lines, String body) {
        return new Spelling.Base(method, "/registry", path, query, lines, body);
    }

    private static List<Spelling> queries() {
        List<Spelling> all = new ArrayList<>();
        for (String query : List.of(
                "n=1",
                "n=1&n=2",
                "n=1&N=2",
                "n=1&%6e=2",
                "%6E=1",
                "last=a&last=b",
                "n=1;last=x",
                "n[]=1",
                "n=+1",
                "n=1&",
                "&n=1",
                "n",
                "n=",
                "n=1=2",
                "n=%31",
                "n=1e0",
                "n=-1",
                "last=a+b",
                "last=a%2Bb")) {
            all.add(base("GET", "/v2/team/app/tags/list", "?" + query, "", "").as("tags?" + query));
        }
        for (String query : List.of(
                "mount=" + DIGEST + "&from=other/app",
                "mount=" + DIGEST + "&from=a&from=b",
                "mount=a&mount=b&from=x",
                "digest=" + DIGEST + "&digest=x",
                "mount=" + DIGEST + "&From=x",
                "mount=" + DIGEST + ";from=x",
                "Mount=" + DIGEST)) {
            all.add(base("POST", "/v2/team/app/blobs/uploads/", "?" + query, "", "")
                    .as("upload?" + query));
        }
        return all;
    }

    /** Reads the registry's own account. */
    private static final class Witness implements SpellingRun.Witness {
        private final RealServer registry;
        private int line;
        private int marks;

        Witness(RealServer registry) {
            this.registry = registry;
        }

        void pushBlob() {
            String upload = Direct.call("POST", registry.uri() + "/v2/team/app/blobs/uploads/", "")
                    .headers()
                    .firstValue("Location")
                    .orElseThrow();
            assertThat(Direct.call("PUT", upload + "&digest=" + DIGEST, "hello").statusCode())
                    .isEqualTo(201);
        }

        @Override
        public void reset() {
            line = account().size();
        }

        /** The log up to a request of our own: what was logged before it was answered before it. */
        private List<String> account() {
            String mark = "mark/m" + marks++;
            Direct.call("GET", registry.uri() + "/v2/" + mark + "/tags/list", "");
            for (int i = 0; i < 500; i++) {
                List<String> log = registry.log();
                for (int end = log.size() - 1; end >= 0; end--) {
                    if (log.get(end).contains("\"vars.name\":\"" + mark + "\"")) {
                        return log.subList(0, end);
                    }
                }
                Thread.onSpinWait();
            }
            throw new AssertionError("the registry did not log " + mark);
        }

        @Override
        public Set<String> did(RawHttp.@Nullable Response answer) {
            List<String> log = account();
            Set<String> did = new LinkedHashSet<>();
            for (String text : log.subList(line, log.size())) {
                if (!text.contains("\"authorizing request\"") || text.contains("\"vars.name\":\"mark/")) {
                    continue;
                }
                JsonObject entry = Jws.object(text);
                String method = String.valueOf(entry.string("http.request.method"));
                String name = entry.string("vars.name");
                String what = entry.string("vars.reference") != null
                        ? "manifest " + entry.string("vars.reference")
                        : entry.string("vars.digest") != null
                                ? "blob " + entry.string("vars.digest")
                                : entry.string("vars.uuid") != null || method.equals("POST") ? "upload" : "tags";
                if (name == null && answer != null && answer.status() == 405) {
                    continue;
                }
                if (name == null) {
                    what = answer != null && answer.body().contains("\"repositories\"") ? "catalog" : "ping";
                }
                did.add((method.equals("HEAD") ? "GET" : method) + ' ' + name + ' ' + what);
            }
            return did;
        }

        @Override
        public Set<String> means(Permitted call) {
            String resource = call.resources().get(0);
            int slash = resource.lastIndexOf('/');
            String name = slash < 0 ? resource : resource.substring(0, slash);
            String last = resource.substring(slash + 1);
            return Set.of(
                    switch (call.operations().get(0)) {
                        case "registry:ping" -> "GET null ping";
                        case "registry:repository.list" -> "GET null catalog";
                        case "registry:tag.list" -> "GET " + resource + " tags";
                        case "registry:manifest.get" -> "GET " + name + " manifest " + last;
                        case "registry:manifest.put" -> "PUT " + name + " manifest " + last;
                        case "registry:manifest.delete" -> "DELETE " + name + " manifest " + last;
                        case "registry:blob.get" -> "GET " + name + " blob " + last;
                        case "registry:blob.delete" -> "DELETE " + name + " blob " + last;
                        case "registry:upload.start" -> "POST " + resource + " upload";
                        case "registry:upload.get" -> "GET " + resource + " upload";
                        case "registry:upload.append" -> "PATCH " + resource + " upload";
                        case "registry:upload.finish" -> "PUT " + resource + " upload";
                        case "registry:upload.cancel" -> "DELETE " + resource + " upload";
                        default -> "nothing that this table sends";
                    });
        }

        @Override
        public boolean mayBeIdle(Permitted call) {
            return false;
        }
    }
}
