package dev.errand.credential;

import dev.errand.upstream.OutgoingRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/** One header whose value is a fixed prefix and the content of a file; follows the file within a second. */
final class FileHeaderCredential implements UpstreamCredential {
    private final String name;
    private final String prefix;
    private final WatchedFile<Secret> file;

    FileHeaderCredential(String name, String prefix, Path file) {
        this.name = name;
        this.prefix = prefix;
        this.file = new WatchedFile<>(List.of(file), FileHeaderCredential::parse, System::nanoTime);
    }

    private static Secret parse(List<byte[]> contents) {
        Secret secret = Secret.of(contents.get(0));
        if (!secret.isHeaderValue()) {
            throw new IllegalArgumentException("must hold one line of visible ASCII, which becomes a header's value");
        }
        return secret;
    }

    @Override
    public Set<String> headerNames() {
        return Set.of(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public List<String> secrets(String value) {
        return prefix.isBlank() && name.equalsIgnoreCase("Authorization")
                ? HeaderSecrets.of(value)
                : HeaderSecrets.of(prefix, value.substring(prefix.length()));
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return file.value().map(secret -> Map.of(name, secret.reveal(prefix)));
    }

    @Override
    public Optional<String> fault() {
        return file.fault();
    }

    @Override
    public String toString() {
        return name + ": " + prefix + "***";
    }
}
