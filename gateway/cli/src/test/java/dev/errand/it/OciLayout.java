package dev.errand.it;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/** An image of one empty layer, as an OCI layout on disk. */
final class OciLayout {
    private OciLayout() {}

    /** Writes it below the directory. */
    static Path of(Path directory) throws Exception {
        Path layout = Files.createDirectories(directory.resolve("layout"));
        byte[] tar = new byte[1024];
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write(tar);
        }
        String layer = blob(layout, zipped.toByteArray());
        String config = blob(layout, """
                {"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\
                """.formatted(sha256(tar)).getBytes(StandardCharsets.UTF_8));
        String manifest = blob(layout, """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},\
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip",%s}]}\
                """.formatted(config, layer).getBytes(StandardCharsets.UTF_8));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(layout.resolve("index.json"), """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,\
                "annotations":{"org.opencontainers.image.ref.name":"1.0"}}]}
                """.formatted(manifest));
        return layout;
    }

    /** Its digest and size, as members of a descriptor. */
    private static String blob(Path layout, byte[] content) throws Exception {
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        Files.write(blobs.resolve(sha256(content)), content);
        return "\"digest\":\"sha256:" + sha256(content) + "\",\"size\":" + content.length;
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
