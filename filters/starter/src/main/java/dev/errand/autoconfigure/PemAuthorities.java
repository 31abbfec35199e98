package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks a file of authorities: PEM certificates (RFC 7468), at most 64 KiB. Spring Boot reads such a file without a
 * bound.
 */
final class PemAuthorities {
    private static final int MAX_BYTES = 64 * 1024;
    private static final String FIX =
            ": write the certificates of the authorities there, each as PEM" + " (-----BEGIN CERTIFICATE-----)";

    private PemAuthorities() {}

    /**
     * Throws a {@link ConfigurationException} with the fault of the file. Null is no fault.
     *
     * @param files finds the file that a {@code file:} value names
     */
    public static void check(Function<String, Path> files, @Nullable String value) {
        if (value == null) {
            return;
        }
        if (!value.startsWith("file:")) {
            throw ConfigurationException.of("must be 'file:' and the path of a PEM file, found '" + value + "'");
        }
        read(files.apply(value));
    }

    /** The certificates of such a file, one at least; a {@link ConfigurationException} with the fault of the file. */
    static List<X509Certificate> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw ConfigurationException.of(
                        file + " has more than " + MAX_BYTES + " bytes: name the authorities of this server alone");
            }
            List<X509Certificate> all =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(content))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (all.isEmpty()) {
                throw ConfigurationException.of(file + " holds no certificate" + FIX);
            }
            return all;
        } catch (IOException e) {
            throw ConfigurationException.of(file + " does not exist or cannot be read" + FIX);
        } catch (CertificateException e) {
            throw ConfigurationException.of(file + " holds something else than certificates" + FIX);
        }
    }
}
