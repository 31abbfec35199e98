package dev.errand.issuer.approval;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.signin.Sessions.Session;
import dev.errand.token.Human;
import dev.errand.token.Sha256;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A human who signed in at the pages to look. The session keeps the provider's claims about the human, and no token.
 *
 * @param decider the human, who may only look by this session
 */
record PageSession(Session session, Decider decider) {
    /** The claims that may hold the human's name; the first one present is shown. */
    private static final List<String> NAMES = List.of("preferred_username", "email", "name");

    /** The content of the session of a human whose token verified. */
    static JsonObject content(Decider decider) {
        Map<String, JsonValue> content = new LinkedHashMap<>();
        content.put("iss", new JsonString(decider.human().issuer()));
        content.put("sub", new JsonString(decider.human().subject()));
        content.put("claims", decider.claims());
        if (decider.digests() != null) {
            content.put(
                    "digests",
                    new JsonArray(decider.digests().stream()
                            .<JsonValue>map(JsonString::new)
                            .toList()));
        }
        return new JsonObject(content);
    }

    /** The human of a session; empty if its content is not of these pages. */
    static Optional<PageSession> of(Session session) {
        JsonObject content = session.content();
        String issuer = content.string("iss");
        String subject = content.string("sub");
        JsonObject claims = content.object("claims");
        if (issuer == null || subject == null || claims == null) {
            return Optional.empty();
        }
        Set<String> digests = content.get("digests") instanceof JsonArray named
                ? named.values().stream()
                        .map(each -> each instanceof JsonString text ? text.value() : "")
                        .collect(Collectors.toUnmodifiableSet())
                : null;
        Human human = new Human(issuer, subject);
        return Optional.of(new PageSession(session, new Decider(human, claims, "", 0, digests, true)));
    }

    PageFrame.Reader reader() {
        return new PageFrame.Reader(name(decider), session::formToken);
    }

    private static String name(Decider decider) {
        return NAMES.stream()
                .map(claim -> decider.claims().string(claim))
                .filter(name -> name != null && !name.isBlank())
                .findFirst()
                .orElse(decider.human().subject());
    }

    /** A label for the human from which a stranger learns nothing. */
    static String label(Human human) {
        return Sha256.base64UrlOf(human.issuer() + '\n' + human.subject());
    }
}
