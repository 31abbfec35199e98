package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.credential.ClientCertificateConfig;
import dev.errand.credential.CredentialConfig;
import dev.errand.credential.Minting;
import dev.errand.credential.TaskTokens;
import dev.errand.credential.TrustedUpstream;
import dev.errand.credential.UpstreamCredential;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ReflectionUtils;
import reactor.netty.http.client.HttpClient;

/** Opens the credentials that upstreams want. */
final class CredentialConfiguration {
    private static final int MAX_BLANK_BYTES = 1024;

    /** For credentials that are checked and never sent. */
    private static final Minting UNUSED = new Minting(new TaskTokens("", Optional::empty, Clock.systemUTC()), null);

    private CredentialConfiguration() {}

    /** The credential of one entry under {@code errand.upstreams}. */
    public static UpstreamCredential open(
            ErrandProperties properties, String name, ErrandProperties.Upstream upstream, Minting minting) {
        try {
            String value = upstream.authorities();
            Path authorities = value == null ? null : properties.file(value);
            return TrustedUpstream.open(
                    kindOrNone(name, upstream), opening(properties, name, authorities, minting), authorities);
        } catch (RuntimeException e) {
            throw ConfigurationException.of("errand.upstreams." + name + ": " + e.getMessage());
        }
    }

    /** The headers that the credential of that name writes, in lower case; empty if the credential cannot be made. */
    static Set<String> headerNames(ErrandProperties properties, String name) {
        ErrandProperties.Upstream upstream = properties.upstreams().get(name);
        try {
            return upstream == null
                    ? Set.of()
                    : open(properties, name, upstream, UNUSED).headerNames();
        } catch (ConfigurationException told) {
            return Set.of();
        }
    }

    /**
     * Checks that the entry names one kind, and that its files exist and are not empty. Their content is read at the
     * first call.
     */
    static void check(ErrandProperties properties, String name, ErrandProperties.Upstream upstream) {
        CredentialConfig kind = kindOrNone(name, upstream);
        if (kind == null) {
            return;
        }
        if (upstream.authorities() != null
                && kind instanceof ClientCertificateConfig certificate
                && certificate.authorities() != null) {
            throw ConfigurationException.of("errand.upstreams." + name
                    + ": 'authorities' stands there twice: keep the one beside 'client-certificate'");
        }
        for (Path file : kind.files(opening(properties, name, null, UNUSED))) {
            if (!Files.isReadable(file)) {
                throw ConfigurationException.of("errand.upstreams." + name + ": " + file
                        + " does not exist or cannot be read: put the credential there");
            }
            if (isBlank(file)) {
                throw ConfigurationException.of(
                        "errand.upstreams." + name + ": " + file + " is empty: put the credential there");
            }
        }
    }

    /** Whether the file holds only white space. A long file counts as not blank, and is not read. */
    private static boolean isBlank(Path file) {
        try {
            return Files.size(file) < MAX_BLANK_BYTES
                    && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).isBlank();
        } catch (IOException e) {
            return false;
        }
    }

    /** The one kind of credential that the entry names; null if it names only authorities. */
    private static @Nullable CredentialConfig kindOrNone(String name, ErrandProperties.Upstream upstream) {
        return upstream.authorities() != null && given(upstream).isEmpty() ? null : kind(name, upstream);
    }

    /**
     * The one kind of credential that the entry names. Each component of the record that is a {@code CredentialConfig}
     * is a kind.
     */
    public static CredentialConfig kind(String name, Record entry) {
        List<CredentialConfig> given = given(entry);
        if (given.size() != 1) {
            String known = Arrays.stream(entry.getClass().getRecordComponents())
                    .filter(component -> CredentialConfig.class.isAssignableFrom(component.getType()))
                    .map(component -> PropertyKeys.kebab(component.getName()))
                    .collect(Collectors.joining(", "));
            throw ConfigurationException.of("errand.upstreams." + name + ": needs exactly one of " + known);
        }
        return given.get(0);
    }

    private static List<CredentialConfig> given(Record entry) {
        List<CredentialConfig> given = new ArrayList<>();
        for (RecordComponent component : entry.getClass().getRecordComponents()) {
            if (ReflectionUtils.invokeMethod(component.getAccessor(), entry) instanceof CredentialConfig kind) {
                given.add(kind);
            }
        }
        return given;
    }

    /** The parameters for opening the kind of that entry, for a check. */
    public static CredentialConfig.CredentialContext opening(ErrandProperties properties, String name) {
        return opening(properties, name, null, UNUSED);
    }

    private static CredentialConfig.CredentialContext opening(
            ErrandProperties properties, String name, @Nullable Path authorities, Minting minting) {
        return new CredentialConfig.CredentialContext() {
            @Override
            public Path file(String value) {
                return properties.file(value);
            }

            @Override
            public String key(String own) {
                return "errand.upstreams." + name + ": " + own;
            }

            @Override
            public URI server(String key, String value) {
                return WebAddress.parseServer(key, value);
            }

            @Override
            public String name() {
                return name;
            }

            @Override
            public <T> T part(Class<T> type) {
                return type.cast(minting);
            }

            @Override
            public HttpClient http() {
                return authorities == null ? HttpClient.create() : believing(authorities);
            }

            @Override
            public HttpClient http(@Nullable String own) {
                return own == null ? http() : believing(properties.file(own));
            }
        };
    }

    /**
     * The client for a server that a credential asks, such as Vault. It trusts the upstream's authorities, or others
     * that the entry names. They are read once: at the start, or at a reload.
     */
    private static HttpClient believing(Path authorities) {
        try {
            SslContext trust = TrustedUpstream.believing(Files.readAllBytes(authorities));
            return HttpClient.create().secure(spec -> spec.sslContext(trust));
        } catch (IOException | IllegalArgumentException e) {
            throw ConfigurationException.of(authorities + " cannot be read as PEM certificates of authorities");
        }
    }
}
