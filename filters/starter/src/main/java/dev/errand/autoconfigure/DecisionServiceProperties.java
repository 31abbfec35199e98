package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where other gateways ask for decisions, by gRPC.
 *
 * @param listen {@code unix:} and a path, or {@code HOST:PORT}; null for nowhere
 * @param tls the keys and peers; needed with {@code HOST:PORT}
 * @param clientCertificate where the certificate that the agent showed the other gateway is told
 * @param streams how many decisions may wait for their response headers at once
 */
public record DecisionServiceProperties(
        @Nullable String listen,
        @Nullable Tls tls,
        @DefaultValue("none") ClientCertificate clientCertificate,
        @DefaultValue("1000") int streams) {
    /** The longest path of a socket: the socket is made beside it, under a longer name. */
    private static final int MAX_PATH_BYTES = 88;

    private static final int MOST = 1_000_000;
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]\\s/]+):(\\d{1,5})");
    private static final String UNIX = "unix:";

    /** Where the agent's certificate comes from. */
    public enum ClientCertificate {
        NONE,
        /** The last element of {@code X-Forwarded-Client-Cert}. */
        XFCC
    }

    /**
     * Mutual TLS.
     *
     * @param certificate a {@code file:} of PEM: the certificate of this service, with its chain
     * @param key a {@code file:} of PEM: its private key
     * @param clients a {@code file:} of PEM: the authorities that sign the certificates of the gateways
     * @param names the URI or DNS names of the gateways that may ask
     * @param authorities a {@code file:} of PEM: the authorities that sign the certificate of this service, for gateways to trust; null
     *     for those of the gateways
     */
    public record Tls(
            String certificate,
            String key,
            String clients,
            @DefaultValue List<String> names,
            @Nullable String authorities) {
        /** By what a gateway knows this service, also after its certificate was renewed; a {@link ConfigurationException} if by nothing. */
        public Identity identity(Function<String, Path> files) {
            List<X509Certificate> chain = PemAuthorities.read(files.apply(certificate));
            String named = authorities == null ? clients : authorities;
            Path file = files.apply(named);
            if (PemAuthorities.read(file).stream()
                    .noneMatch(authority -> chain.stream().anyMatch(each -> isSigned(each, authority)))) {
                throw ConfigurationException.of("'errand.decision-service.tls.authorities' must name a file of the"
                        + " authorities that sign " + certificate
                        + ", so that gateways trust it after its renewal, too: "
                        + named + " has none of them");
            }
            return new Identity(file, Identity.names(chain.get(0), certificate));
        }

        private static boolean isSigned(X509Certificate certificate, X509Certificate authority) {
            try {
                certificate.verify(authority.getPublicKey());
                return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
            } catch (GeneralSecurityException other) {
                return false;
            }
        }
    }

    /**
     * By what a gateway knows this service.
     *
     * @param authorities the file of the authorities that sign its certificate
     * @param names the certificate's names, each with its kind: {@code DNS}, {@code URI} or {@code IP_ADDRESS}. A name that other
     *     services may have, too (a wildcard, the local host), is not there if the certificate has another one.
     */
    public record Identity(Path authorities, Map<String, String> names) {
        private static final Map<Object, String> KINDS = Map.of(2, "DNS", 6, "URI", 7, "IP_ADDRESS");

        private static Map<String, String> names(X509Certificate leaf, String file) {
            Map<String, String> names = new LinkedHashMap<>();
            Set<String> own = new HashSet<>();
            try {
                Collection<List<?>> all = leaf.getSubjectAlternativeNames();
                for (List<?> name : all == null ? List.<List<?>>of() : all) {
                    String kind = KINDS.get(name.get(0));
                    if (kind != null) {
                        String given = String.valueOf(name.get(1));
                        InetAddress address = NetUtil.createInetAddressFromIpAddressString(given);
                        String text = address == null ? given : NetUtil.toAddressString(address);
                        names.put(text, kind);
                        boolean local =
                                text.equalsIgnoreCase("localhost") || (address != null && address.isLoopbackAddress());
                        if (!local && !text.startsWith("*.")) {
                            own.add(text);
                        }
                    }
                }
            } catch (CertificateParsingException malformed) {
                names.clear();
            }
            if (names.isEmpty()) {
                throw ConfigurationException.of("'errand.decision-service.tls.certificate' names " + file
                        + ", a certificate without a DNS name, URI or address: gateways could not tell it from others of its"
                        + " authority");
            } else if (!own.isEmpty()) {
                names.keySet().retainAll(own);
            }
            return names;
        }
    }

    /** The path of the Unix socket; null where the service listens on TCP or nowhere. */
    public @Nullable Path socket() {
        return listen != null && listen.startsWith(UNIX) ? Path.of(listen.substring(UNIX.length())) : null;
    }

    /** The host of the TCP address. */
    public String host() {
        return tcp().group(1).replaceAll("[\\[\\]]", "");
    }

    /** The port of the TCP address; 0 for a free one. */
    public int port() {
        return Integer.parseInt(tcp().group(2));
    }

    private Matcher tcp() {
        Matcher address = ADDRESS.matcher(String.valueOf(listen));
        if (!address.matches() || Integer.parseInt(address.group(2)) > 65_535) {
            throw ConfigurationException.of(
                    "'errand.decision-service.listen' is unix:/a/path or HOST:PORT, was " + listen);
        }
        return address;
    }

    /** Adds a fault for each key that cannot be used. */
    void check(FaultPlaces places, Function<String, Path> files) {
        if (streams < 1 || streams > MOST) {
            places.at("errand.decision-service.streams", () -> {
                throw ConfigurationException.of("'errand.decision-service.streams' must be 1 to 1000000");
            });
        }
        if (listen == null) {
            return;
        }
        places.at("errand.decision-service.listen", this::checkListen);
        if (tls != null && socket() == null) {
            places.at("errand.decision-service.tls", () -> checkTls(tls, files));
        }
    }

    private void checkListen() {
        Path socket = socket();
        if (socket == null) {
            tcp();
            if (tls == null) {
                throw ConfigurationException.of("'errand.decision-service.listen' is a TCP address, so"
                        + " 'errand.decision-service.tls' is needed, on loopback too: answers of this port hold credentials"
                        + " of upstreams");
            }
            return;
        }
        if (tls != null) {
            throw ConfigurationException.of(
                    "'errand.decision-service.tls' is for a TCP address: remove it, the mode of the socket decides");
        }
        if (!socket.isAbsolute() || socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw ConfigurationException.of("'errand.decision-service.listen' is unix: and an absolute path of at most "
                    + MAX_PATH_BYTES + " bytes");
        }
    }

    private static void checkTls(Tls tls, Function<String, Path> files) {
        List<String> named = new ArrayList<>(List.of(tls.certificate(), tls.key(), tls.clients()));
        String authorities = tls.authorities();
        if (authorities != null) {
            named.add(authorities);
        }
        for (String file : named) {
            if (!Files.isReadable(files.apply(file))) {
                throw ConfigurationException.of(
                        "'errand.decision-service.tls' names " + file + ", which cannot be read");
            }
        }
        if (tls.names().isEmpty()) {
            throw ConfigurationException.of("'errand.decision-service.tls.names' names no gateway, so nobody could ask:"
                    + " write a URI or DNS name of their certificates");
        }
    }
}
