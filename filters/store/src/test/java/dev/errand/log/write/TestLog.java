package dev.errand.log.write;

import dev.errand.log.proof.CheckpointSigner;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Keys and directories for the tests of the log. */
public final class TestLog {
    public static final KeyPair KEYS = generate();
    public static final CheckpointSigner SIGNER = signer(KEYS);

    private TestLog() {}

    public static KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static CheckpointSigner signer(KeyPair keys) {
        return CheckpointSigner.of(keys.getPublic(), text -> sign(keys.getPrivate(), text));
    }

    public static PrivateKey privateKey(String base64) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    public static byte[] sign(PrivateKey key, byte[] text) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String jwks(CheckpointSigner signer) {
        return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(signer.publicKey()) + "\"}]}";
    }

    public static LogSettings settings(LogSettings.Durability durability) {
        return LogSettings.of(
                durability, "gateway.example.org/provenance", () -> SIGNER, () -> List.of(SIGNER.publicKey()));
    }

    public static LogSettings small(long segmentBytes, Duration checkpointEvery, int checkpointRecords) {
        LogSettings base = settings(LogSettings.Durability.OS);
        return new LogSettings(
                base.durability(),
                base.originPrefix(),
                base.signer(),
                base.ours(),
                base.queueCapacity(),
                segmentBytes,
                checkpointEvery,
                checkpointRecords,
                Duration.ofMillis(50),
                Runnable::run,
                base.clock());
    }

    public static List<String> lines(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path segment : Segment.list(directory)) {
            SegmentLines.scan(
                    segment,
                    (bytes, offset, length) -> lines.add(new String(bytes, offset, length, StandardCharsets.UTF_8)));
        }
        return lines;
    }

    public static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    public static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
