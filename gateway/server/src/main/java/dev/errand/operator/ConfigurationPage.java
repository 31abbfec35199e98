package dev.errand.operator;

import dev.errand.config.Fault;
import dev.errand.fleet.IndexWriter;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.policy.LivePolicies;
import dev.errand.task.TaskState;
import dev.errand.token.Human;
import java.util.List;
import java.util.Locale;
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
        JsonMembers members = new JsonMembers();
        members.put("revision", report.revision());
        members.put("file_revision", report.fileRevision());
        members.put("mode", mode);
        members.put("since", report.since().toString());
        members.put("current", report.isCurrent());
        members.orNull(
                "refused_at",
                report.refusedAt() == null ? null : report.refusedAt().toString());
        List<String> sources = Stream.concat(operators.faults().stream(), live.sourceFaults().stream())
                .toList();
        members.put(
                "faults",
                Stream.concat(report.faults().stream().map(Fault::toString), sources.stream())
                        .toList());
        members.put(
                "not_in_force",
                Stream.concat(
                                report.notInForce().stream(),
                                sources.stream().map(ConfigurationPage::file).filter(name -> !name.contains("://")))
                        .distinct()
                        .toList());
        members.put("restart_needed", report.restartNeeded());
        members.put("keys", keys.ids());
        members.put("instance", instance);
        members.put("build", ReplicaSignOn.build());
        members.put("operator", toldOf(operator));
        members.put("tasks", tasks());
        return members.toJson();
    }

    /** The file of a fault, {@code FILE: why}. */
    private static String file(String fault) {
        int end = fault.indexOf(": ");
        return end < 0 ? fault : fault.substring(0, end);
    }

    private static JsonObject toldOf(Operator operator) {
        JsonMembers members = new JsonMembers();
        members.put("name", operator.name());
        members.put("role", operator.role().name().toLowerCase(Locale.ROOT));
        Human human = operator.human();
        if (human != null) {
            members.put("iss", human.issuer());
            members.put("sub", human.subject());
        }
        return members.toJson();
    }

    /** The number of tasks by state. It is two seconds old at most while the store answers. */
    private JsonObject tasks() {
        JsonMembers members = new JsonMembers();
        for (TaskState state : TaskState.values()) {
            members.put(state.wire(), index.counts().of(state));
        }
        return members.toJson();
    }
}
