package dev.errand.token;

import static dev.errand.token.StepException.require;
import static dev.errand.token.TaskProfile.step;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.RootFacts.NamedTemplate;
import dev.errand.token.RootFacts.TaskFacts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the claims that only a root has (AAT-02 section 6, item 3), on its anchor's authority. */
final class RootClaims {
    private RootClaims() {}

    /** Reads the claims of a root. It must state its human and the workload it was issued to. */
    static RootFacts parse(Claims claims, Anchor anchor, String issuer, @Nullable String actor) throws StepException {
        require(actor != null, step("act"), "a root must name its actor in act.sub");
        require(anchor.ours() || claims.has("aud"), step("aud"), "a root of another anchor must have an aud");
        return read(
                claims,
                issuer,
                claims.text(step("sub"), "sub"),
                actor,
                anchor.ours() ? task(claims) : null,
                anchor.ours() ? null : named(claims),
                anchor.ours() ? JsonObject.EMPTY : texts(claims),
                anchor.ours() ? claims.json().object("consent") : null,
                anchor.ours() ? claims.json().object("standing") : null);
    }

    /**
     * Reads the claims of a root that must satisfy only AAT-02 itself: {@code sub} may be missing, and the subject is
     * then empty.
     */
    static RootFacts parseLenient(Claims claims, String issuer, @Nullable String actor) throws StepException {
        String subject = claims.has("sub") ? claims.text(step("sub"), "sub") : "";
        return read(claims, issuer, subject, actor, null, null, JsonObject.EMPTY, null, null);
    }

    private static RootFacts read(
            Claims claims,
            String issuer,
            String subject,
            @Nullable String actor,
            @Nullable TaskFacts task,
            @Nullable NamedTemplate named,
            JsonObject texts,
            @Nullable JsonObject consent,
            @Nullable JsonObject standing)
            throws StepException {
        // Nothing reads these two, but a root with a wrong one is malformed.
        if (claims.has("acr")) {
            claims.text(step("acr"), "acr");
        }
        if (claims.json().get("auth_time") != null) {
            claims.integer(step("auth_time"), "auth_time");
        }
        return new RootFacts(issuer, human(claims, issuer, subject), actor, task, named, texts, consent, standing);
    }

    /**
     * The claims that are a string or a list of strings: a template may check a human by them. Details are not among
     * them.
     */
    private static JsonObject texts(Claims claims) {
        JsonMembers texts = new JsonMembers();
        claims.json().members().forEach((name, value) -> {
            boolean list =
                    value instanceof JsonArray array && array.values().stream().allMatch(JsonString.class::isInstance);
            if (list || value instanceof JsonString) {
                texts.put(name, value);
            }
        });
        return texts.toJson();
    }

    private static Human human(Claims claims, String issuer, String subject) throws StepException {
        if (!claims.has("sub_id")) {
            return new Human(issuer, subject);
        }
        JsonObject id = claims.json().object("sub_id");
        String humanIssuer = id == null ? null : id.string("iss");
        if (id == null
                || humanIssuer == null
                || !"iss_sub".equals(id.string("format"))
                || !subject.equals(id.string("sub"))) {
            throw new StepException(step("sub_id"), "sub_id must be of format iss_sub, its sub the token's");
        }
        return new Human(humanIssuer, subject);
    }

    private static TaskFacts task(Claims claims) throws StepException {
        JsonObject task = claims.json().object("task");
        if (task == null) {
            throw new StepException(step("task"), "a root of ours must name its task");
        }
        Map<String, ParameterValue> parameters = parameters(task);
        String id = task.string("id");
        String template = task.string("template");
        String revision = task.string("revision");
        if (id == null || template == null || revision == null) {
            throw new StepException(step("task"), "task must have id, template and revision");
        }
        return new TaskFacts(id, template, revision, parameters);
    }

    private static @Nullable NamedTemplate named(Claims claims) throws StepException {
        JsonObject task = claims.json().object("task");
        String template = task == null ? null : task.string("template");
        return task == null || template == null ? null : new NamedTemplate(template, parameters(task));
    }

    private static Map<String, ParameterValue> parameters(JsonObject task) throws StepException {
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        JsonValue given = task.get("parameters");
        if (given instanceof JsonObject members) {
            for (var member : members.members().entrySet()) {
                Optional<ParameterValue> value = ParameterValue.parse(member.getValue());
                require(value.isPresent(), step("task"), "a parameter must be a string or an array of strings");
                parameters.put(member.getKey(), value.orElseThrow());
            }
        } else {
            require(given == null, step("task"), "parameters must be an object");
        }
        return parameters;
    }
}
