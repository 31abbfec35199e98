package dev.errand.operator;

import dev.errand.config.Fault;
import dev.errand.fleet.IndexWriter;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.policy.LivePolicies;
import dev.errand.task.TaskState;
import dev.errand.token.Human;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * {@code GET /configuration}: what this replica runs, who asks, and how many tasks the whole fleet has. It asks neither the store nor
 * other replicas, so it also answers while the store is away. Thread-safe.
 *
 * @param mode {@code enforce} or {@code observe}
 * @param instance the name of this replica
 */
record ConfigurationPage(
        LivePolicies live,
        String mode,
        SigningKeys keys,
        String instance,
        IndexWriter index,
        OperatorCredentials operators) {
    Mono<ServerResponse> answer(ServerRequest request) {
        JsonBoolean session =
                new JsonBoolean(OperatorSessions.COOKIE.read(request.exchange().getRequest()) != null);
        return Answers.json(HttpStatus.OK, Answers.with(toJson(Operator.of(request)), "session", session));
    }

    private JsonObject toJson(Operator operator) {
        LivePolicies.Report report = live.report();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("revision", new JsonString(report.revision()));
        members.put("file_revision", new JsonString(report.fileRevision()));
        members.put("mode", new JsonString(mode));
        members.put("since", new JsonString(report.since().toString()));
        members.put("current", new JsonBoolean(report.isCurrent()));
        members.put(
                "refused_at",
                Answers.text(
                        report.refusedAt() == null ? null : report.refusedAt().toString()));
        List<String> sources = Stream.concat(operators.faults().stream(), live.sourceFaults().stream())
                .toList();
        members.put(
                "faults",
                Answers.strings(Stream.concat(report.faults().stream().map(Fault::toString), sources.stream())
                        .toList()));
        members.put(
                "not_in_force",
                Answers.strings(Stream.concat(
                                report.notInForce().stream(),
                                sources.stream().map(ConfigurationPage::file).filter(name -> !name.contains("://")))
                        .distinct()
                        .toList()));
        members.put("restart_needed", Answers.strings(report.restartNeeded()));
        members.put("keys", Answers.strings(keys.ids()));
        members.put("instance", new JsonString(instance));
        members.put("build", new JsonString(ReplicaSignOn.build()));
        members.put("operator", toldOf(operator));
        members.put("tasks", tasks());
        return new JsonObject(members);
    }

    /** The file of a fault, {@code FILE: why}. */
    private static String file(String fault) {
        int end = fault.indexOf(": ");
        return end < 0 ? fault : fault.substring(0, end);
    }

    private static JsonObject toldOf(Operator operator) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("name", new JsonString(operator.name()));
        members.put("role", new JsonString(operator.role().name().toLowerCase(Locale.ROOT)));
        Human human = operator.human();
        if (human != null) {
            members.put("iss", new JsonString(human.issuer()));
            members.put("sub", new JsonString(human.subject()));
        }
        return new JsonObject(members);
    }

    /** The number of tasks by state. It is two seconds old at most while the store answers. */
    private JsonObject tasks() {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (TaskState state : TaskState.values()) {
            members.put(state.wire(), JsonNumber.of(index.counts().of(state)));
        }
        return new JsonObject(members);
    }
}
