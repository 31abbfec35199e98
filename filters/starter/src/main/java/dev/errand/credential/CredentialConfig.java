package dev.errand.credential;

import dev.errand.operation.HeaderRules;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;

/**
 * How the gateway authenticates to one upstream ({@code errand.upstreams.<name>}). Each kind is a record. The
 * components of the record are the keys of the kind, as they were written. The list of kinds is the record
 * {@code ErrandProperties.Upstream}: each of its components is a kind.
 */
public interface CredentialConfig {
    /**
     * The files that the credential is read from; all of them must exist.
     *
     * @throws dev.errand.config.ConfigurationException if a value is not valid
     */
    List<Path> files(CredentialContext opening);

    /**
     * Reports every value that is not valid, as far as this can be checked without reading a file.
     *
     * @param fault takes the key below the entry, such as {@code impersonate.groups[0]}, and what is wrong
     */
    default void check(CredentialContext opening, BiConsumer<String, String> fault) {}

    /**
     * Reports a header name that no credential may use: no token, or a header of a connection or of the gateway itself.
     */
    static void checkHeader(String key, String name, BiConsumer<String, String> fault) {
        if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")) {
            fault.accept(key, "'" + name + "' is not the name of a header: write a token, such as X-Token");
        } else if (!HeaderRules.mayBeCredential(name)) {
            fault.accept(
                    key,
                    "'" + name
                            + "' carries no credential: it belongs to the connection, is written by the gateway itself, or"
                            + " overrides what a request means; name the header that the upstream reads, such as X-Token");
        }
    }

    /** Makes the credential; this reads nothing yet. */
    UpstreamCredential open(CredentialContext opening);

    /** The environment that a kind needs to make a credential. */
    interface CredentialContext {
        /** The file that a value names, relative to the configuration directory. */
        Path file(String value);

        /** The full name of one of the kind's keys, for messages. */
        String key(String own);

        /**
         * The address of a server in a value; throws a {@link dev.errand.config.ConfigurationException} if the value is
         * none.
         */
        URI server(String key, String value);

        /** The name of the entry. */
        default String name() {
            return "";
        }

        /** A part of the gateway that only some kinds need. */
        default <T> T part(Class<T> type) {
            throw new IllegalStateException("there is no " + type.getSimpleName());
        }

        /** The HTTP client for other servers; the caller sets its TLS. */
        HttpClient http();

        /**
         * The HTTP client for a server with authorities of its own.
         *
         * @param authorities a {@code file:} of PEM: the only authorities that may sign the server's certificate; null
         *     for {@link #http()}
         */
        default HttpClient http(@Nullable String authorities) {
            if (authorities != null) {
                throw new IllegalStateException("there are no authorities of a server's own");
            }
            return http();
        }
    }
}
