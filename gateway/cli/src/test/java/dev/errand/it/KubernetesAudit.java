package dev.errand.it;

import dev.errand.it.AuditedServer.Executed;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The audit log of a kube-apiserver. Each look reads what was written since the one before. Not thread-safe. */
final class KubernetesAudit {
    /** Whoever is no caller of the gateway: the apiserver itself, and those that stand in for a cluster's other parts. */
    private static final String POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
              - {level: None, users: ["system:apiserver", "%s", "%s"]}
              - {level: Metadata}
            """;

    private final Path log;
    private final List<Executed> executed = new ArrayList<>();
    private final Set<String> told = new HashSet<>();
    private long read;

    KubernetesAudit(Path log) {
        this.log = log;
    }

    /** Writes the policy: two users whose calls are not written down. */
    static Path policy(Path file, String one, String other) throws IOException {
        return Files.writeString(file, POLICY.formatted(one, other));
    }

    List<Executed> executed() {
        if (Files.exists(log)) {
            try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
                file.seek(read);
                byte[] bytes = new byte[(int) (file.length() - read)];
                file.readFully(bytes);
                String text = new String(bytes, StandardCharsets.UTF_8);
                String whole = text.substring(0, text.lastIndexOf('\n') + 1);
                read += whole.getBytes(StandardCharsets.UTF_8).length;
                whole.lines().map(Jws::object).filter(this::isNew).forEach(event -> executed.add(of(event)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return List.copyOf(executed);
    }

    /** A watch and a connection are told when they begin, and again when they end. */
    private boolean isNew(JsonObject event) {
        return told.add(String.valueOf(event.string("auditID")));
    }

    private static Executed of(JsonObject event) {
        JsonObject user = event.object("user");
        String who = user == null ? "" : String.valueOf(user.string("username"));
        String verb = String.valueOf(event.string("verb"));
        Instant time = Instant.parse(String.valueOf(event.string("stageTimestamp")));
        return new Executed(who, verb.equals("head") ? "get" : verb, resource(event), time);
    }

    /** {@code [group/]resource[/subresource] namespace/name}, or {@code nonresource path}. */
    private static String resource(JsonObject event) {
        JsonObject on = event.object("objectRef");
        if (on == null || on.string("resource") == null) {
            String uri = String.valueOf(event.string("requestURI"));
            int query = uri.indexOf('?');
            return "nonresource " + (query < 0 ? uri : uri.substring(0, query));
        }
        String group = on.string("apiGroup");
        String subresource = on.string("subresource");
        String namespace = on.string("namespace");
        String name = isNamedByItsBody(event, on) ? null : on.string("name");
        return (group == null ? "" : group + "/")
                + on.string("resource")
                + (subresource == null ? "" : "/" + subresource)
                + ' '
                + (namespace == null ? "_cluster" : namespace)
                + '/'
                + (name == null ? "_none" : name);
    }

    /** What a record of the gateway says, in the words of the audit: {@code verb resource}. */
    static String named(JsonObject record) {
        JsonArray on = (JsonArray) record.get("resource");
        String operation = String.valueOf(record.string("operation"));
        return words(
                operation.substring(operation.indexOf(':') + 1),
                ((JsonString) on.values().get(0)).value());
    }

    /** The same of an operation, without its catalogue, and a resource. */
    static String words(String operation, String resource) {
        int dot = operation.lastIndexOf('.');
        return operation.substring(dot + 1) + ' ' + operation.substring(0, dot) + ' ' + resource;
    }

    /** The audit takes the name of what is made from the body; its address names none. */
    private static boolean isNamedByItsBody(JsonObject event, JsonObject on) {
        String uri = String.valueOf(event.string("requestURI"));
        String path = uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri;
        String namespace = on.string("namespace");
        String collection = (namespace == null ? "/" : "/namespaces/" + namespace + '/') + on.string("resource");
        return "create".equals(event.string("verb")) && path.endsWith(collection);
    }
}
