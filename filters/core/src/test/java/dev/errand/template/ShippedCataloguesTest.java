package dev.errand.template;

import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShippedCataloguesTest {
    private static final Path FOLDER = Checkout.path("config/operations");
    private static final Faults FAULTS = new Faults();
    private static final Catalogues SHIPPED = CatalogueLoader.load(FOLDER, FAULTS);
    private static final Map<String, String> KUBERNETES = Map.of(
            "get", "GET",
            "list", "GET",
            "watch", "GET",
            "create", "POST",
            "update", "PUT",
            "patch", "PATCH",
            "delete", "DELETE",
            "deletecollection", "DELETE");

    private static OperationCatalogue shipped(String name) {
        return SHIPPED.find(name).orElseThrow();
    }

    @Test
    void load_everyShippedCatalogue_isWithoutFault() {
        assertThat(FAULTS.list()).isEmpty();
        assertThat(SHIPPED.byName()).containsOnlyKeys("vault", "ci", "git", "k8s", "s3", "registry", "etcd", "tools");
    }

    @ParameterizedTest
    @CsvSource({
        "vault, GET, /v1/secret/data/ci/pay, vault:kv.read on secret/ci/pay",
        "ci, POST, /api/v1/pipelines/pay/runs, ci:pipeline.trigger on pay",
        "k8s, GET, /version, k8s:nonresource.get on /version",
        "s3, PUT, /reports/2026/a.csv, s3:PutObject on reports/2026/a.csv",
        "registry, GET, /v2/, registry:ping on v2",
        "registry, GET, /v2/team/app/manifests/1.0, registry:manifest.get on team/app/1.0",
        "registry, GET, /v2/team/blobs/app/blobs/sha256:ab, registry:blob.get on team/blobs/app/sha256:ab",
        "registry, POST, /v2/team/app/blobs/uploads/, registry:upload.start on team/app",
        "registry, POST, /v2/team/app/blobs/uploads, unknown",
        "registry, GET, /v2/team%2Fapp/tags/list, malformed",
        "etcd, POST, /v3/kv/range, etcd:kv.range on kv",
        "etcd, GET, /v3/kv/range, unknown",
        "etcd, POST, /v3/kv/range/, malformed",
        "etcd, POST, /v3/kv/r%61nge, etcd:kv.range on kv",
        "tools, GET, /mcp, tools:session.stream on /mcp",
        "git, GET, /acme/app.git/info/refs?service=git-upload-pack, git:fetch on acme/app",
        "git, GET, /acme/app.git/info/refs?service=git-receive-pack, git:push on acme/app",
        "git, GET, /acme/app.git/info/refs, unknown",
        "git, HEAD, /acme/app.git/info/refs?service=git-upload-pack, unknown",
        "vault, GET, /v1/auth/token/lookup-self, unknown",
        "vault, POST, /v1/auth/token/renew-self, unknown",
        "vault, GET, /v1/sys/internal/ui/mounts/secret/ci, vault:mount.read on secret/ci",
        "vault, GET, /v1/secret/metadata/ci?list=true&after=a&limit=2, vault:kv.list on secret/ci",
        "vault, SCAN, /v1/secret/metadata/ci/?after=a, vault:kv.scan on secret/ci",
        "vault, GET, /v1/secret/metadata/ci?list=true&scan=true, malformed",
        "vault, HEAD, /v1/secret/metadata/ci?list=true, malformed",
        "vault, PUT, /v1/transit/sign/app/sha2-256, vault:transit.sign on transit/app/sha2-256",
        "ci, GET, /api/v1/repos/Acme/App/actions/jobs, ci:job.list on Acme/App",
        "ci, GET, /api/v1/version, ci:version on version"
    })
    void resolve_oneCallOfEach(String catalogue, String method, String target, String expected) {
        assertThat(outcome(shipped(catalogue), request(method, target))).isEqualTo(expected);
    }

    /** Vault takes the names of the certificate from the signing request, so a grant must say what it may be. */
    @Test
    void pkiSign_hasTheSigningRequestAsAnArgument() {
        String body = "{\"csr\":\"x\",\"common_name\":\"a\",\"ttl\":\"60s\"}";
        Resolution sign = shipped("vault")
                .resolve(withBody("POST", "/v1/pki/sign/app", body, "Content-Type", "application/json"));
        assertThat(((Resolution.Resolved) sign).calls().get(0).arguments().members())
                .containsOnlyKeys("resource", "csr", "common_name", "ttl");
    }

    /** Every match of every written operation, a segment of each kind put in for its variables. */
    @ParameterizedTest
    @ValueSource(strings = {"vault", "ci", "registry", "etcd"})
    void resolve_everyWrittenOperation_isItself(String name) {
        Faults faults = new Faults();
        YamlMap file =
                Objects.requireNonNull(Objects.requireNonNull(Yaml.read(FOLDER.resolve(name + ".yaml"), name, faults))
                        .map(faults));
        String base = Objects.requireNonNull(file.string("base-path", faults));
        List<String> wrong = new ArrayList<>();
        for (YamlNode item : ((YamlList) Objects.requireNonNull(file.optional("operations"))).items()) {
            YamlMap operation = Objects.requireNonNull(item.map(faults));
            YamlNode match = Objects.requireNonNull(operation.optional("match"));
            String id = name + ':' + operation.string("id", faults);
            for (YamlNode one : match instanceof YamlList list ? list.items() : List.of(match)) {
                YamlMap way = Objects.requireNonNull(one.map(faults));
                String path = Objects.requireNonNull(way.string("path", faults))
                        .replaceAll("\\{\\w+[+*]}", "a/b")
                        .replaceAll("\\{\\w+}", "c");
                for (String method : way.strings("method", faults)) {
                    String found = outcome(shipped(name), request(method, base + path + query(way)));
                    if (!found.startsWith(id + " on ")) {
                        wrong.add(method + ' ' + path + " is " + found + ", not " + id);
                    }
                }
            }
        }
        assertThat(faults.list()).isEmpty();
        assertThat(wrong).isEmpty();
    }

    private static String query(YamlMap way) {
        if (!(way.optional("query") instanceof YamlMap query)) {
            return "";
        }
        StringJoiner text = new StringJoiner("&", "?", "");
        query.members().keySet().forEach(key -> text.add(key + '=' + query.string(key, new Faults())));
        return text.toString();
    }

    @Test
    void resolve_everyListedKubernetesOperation_isItself() {
        Set<Operation> listed = shipped("k8s").reviewed(Set.of(Effect.values()));
        assertThat(listed).hasSizeGreaterThan(200);
        for (Operation operation : listed) {
            String id = operation.id().substring("k8s:".length());
            int dot = id.lastIndexOf('.');
            String verb = id.substring(dot + 1);
            String[] parts = id.substring(0, dot).split("/");
            boolean core = parts.length == 1
                    || !Set.of("apps", "batch", "autoscaling", "policy").contains(parts[0])
                            && parts[0].indexOf('.') < 0;
            String resource = core ? parts[0] : parts[1];
            String subresource = parts.length == (core ? 2 : 3) ? '/' + parts[parts.length - 1] : "";
            boolean named = !subresource.isEmpty()
                    || Set.of("get", "update", "patch", "delete").contains(verb);
            String path = (core ? "/api/v1/" : "/apis/" + parts[0] + "/v1/")
                    + (resource.equals("namespaces") ? "" : "namespaces/x/")
                    + resource
                    + (named ? "/n" : "")
                    + subresource
                    + (verb.equals("watch") ? "?watch=1" : "");
            String target = id.startsWith("nonresource") ? "/healthz" : path;
            assertThat(outcome(shipped("k8s"), request(KUBERNETES.getOrDefault(verb, verb), target)))
                    .startsWith(operation.id() + " on ");
        }
    }

    @Test
    void resolve_everyListedToolOperation_isItself() {
        Set<Operation> listed = shipped("tools").reviewed(Set.of(Effect.values()));
        assertThat(listed).extracting(Operation::id).contains("tools:tools.call/echo", "tools:session.reply");
        for (Operation operation : listed) {
            assertThat(outcome(shipped("tools"), message(operation.id().substring("tools:".length()))))
                    .startsWith(operation.id() + " on ");
        }
    }

    private static CatalogueRequest message(String id) {
        if (id.equals("session.stream") || id.equals("session.end")) {
            return request(id.endsWith("end") ? "DELETE" : "GET", "/mcp");
        }
        String tool = id.startsWith("tools.call/") ? id.substring("tools.call/".length()) : null;
        String method = tool == null ? id.replace('.', '/') : "tools/call";
        String body = id.equals("session.reply")
                ? "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
                : "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{\"uri\":\"x:1\",\"name\":\""
                        + tool + "\"}}";
        return withBody("POST", "/mcp", body, "Content-Type", "application/json");
    }
}
