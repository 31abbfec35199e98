package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.trust.HttpFetch;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Warnings about identity providers that are found by discovery (OpenID Connect Discovery section 4): one that does not
 * answer, and one that gives each client another subject (pairwise) although {@code sub} names the human. Asks them
 * over the network and blocks, so never on an event loop.
 */
final class ProviderAdvice {
    private static final int AT_ONCE = 16;
    private static final HttpFetch HTTP = new HttpFetch();

    private ProviderAdvice() {}

    private record Said(String path, String message) {}

    /** Adds the warnings. */
    public static void give(ErrandProperties errand, SpringYaml yaml, Faults faults) {
        List<ErrandProperties.HumanIssuer> humans = errand.trust().humans();
        List<Mono<Said>> asked = new ArrayList<>();
        for (int i = 0; i < humans.size(); i++) {
            if (humans.get(i).discovery()) {
                asked.add(ask("errand.trust.humans[" + i + "]", humans.get(i)));
            }
        }
        List<Said> said = Flux.mergeSequential(asked, AT_ONCE, 1).collectList().block();
        if (said != null) {
            said.forEach(one -> faults.warn(yaml.at(one.path), one.message));
        }
    }

    private static Mono<Said> ask(String path, ErrandProperties.HumanIssuer human) {
        String issuer = human.issuer();
        String document = issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration";
        Mono<byte[]> asked = Mono.defer(() -> HTTP.get(URI.create(document)));
        // The first request of a process also loads classes, which can take long on a slow machine. So it may be made
        // again.
        return asked.onErrorResume(TimeoutException.class, late -> asked)
                .flatMap(bytes -> Mono.justOrEmpty(read(human, document, bytes)))
                .onErrorResume(e -> Mono.just(document + " does not answer (" + reason(e)
                        + "): humans of '" + issuer
                        + "' can start no task until it does; correct the issuer, or see why"
                        + " it is not reached from here"))
                .map(message -> new Said(path, message));
    }

    private static String reason(Throwable error) {
        if (error instanceof TimeoutException) {
            return "within " + HttpFetch.TIMEOUT.toSeconds() + "s, asked twice";
        }
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    private static Optional<String> read(ErrandProperties.HumanIssuer human, String document, byte[] bytes) {
        String issuer = human.issuer();
        JsonObject metadata;
        try {
            metadata = Json.parseObject(bytes);
        } catch (MalformedJsonException e) {
            return Optional.of(document + " is no JSON object: correct the issuer");
        }
        if (!issuer.equals(metadata.string("issuer")) || metadata.string("jwks_uri") == null) {
            return Optional.of(document + " names another issuer than '" + issuer
                    + "', or no jwks_uri: write the issuer as the provider does");
        }
        // Subject types are about 'sub' only. Another claim that names the human may be the same for all clients.
        return human.subject().equals("sub")
                        && metadata.get("subject_types_supported") instanceof JsonArray types
                        && types.values().equals(List.of(new JsonString("pairwise")))
                ? Optional.of("'" + issuer + "' gives each client another `sub` for the same human (pairwise), so"
                        + " that records of two clients name the same human differently: name under `subject:` a"
                        + " claim that is the same for all clients")
                : Optional.empty();
    }
}
