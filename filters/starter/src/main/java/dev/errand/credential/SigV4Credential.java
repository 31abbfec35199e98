package dev.errand.credential;

import dev.errand.upstream.OutgoingRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Signs requests with {@link SigV4Signer} (AWS Signature Version 4), by the keys in a file. */
final class SigV4Credential implements UpstreamCredential {
    private final String name;
    private final SigV4Signer signer;
    private final WatchedFile<AwsCredentialsIdentity> file;

    SigV4Credential(String region, String service, Path credentials) {
        this.name = region + "/" + service;
        this.signer = new SigV4Signer(region, service);
        this.file = new WatchedFile<>(List.of(credentials), SigV4Credential::parse, System::nanoTime);
    }

    @Override
    public Set<String> headerNames() {
        return SigV4Signer.WRITTEN;
    }

    @Override
    public Set<String> secretNames() {
        return SigV4Signer.SECRET;
    }

    @Override
    public boolean readsFields() {
        return true;
    }

    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return file.value().map(identity -> signer.sign(request, identity));
    }

    @Override
    public Optional<String> fault() {
        return file.fault();
    }

    private static AwsCredentialsIdentity parse(List<byte[]> contents) {
        Map<String, String> values = new HashMap<>();
        for (String line : new String(contents.get(0), StandardCharsets.UTF_8).split("\\R")) {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.startsWith("#")) {
                values.putIfAbsent(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
        String id = values.get("aws_access_key_id");
        String secret = values.get("aws_secret_access_key");
        String session = values.get("aws_session_token");
        if (id == null || secret == null) {
            throw new IllegalArgumentException("must hold aws_access_key_id = … and aws_secret_access_key = …");
        }
        return session == null
                ? AwsCredentialsIdentity.create(id, secret)
                : AwsSessionCredentialsIdentity.create(id, secret, session);
    }

    @Override
    public String toString() {
        return "sigv4 " + name + " ***";
    }
}
