package dev.errand.log.write;

import dev.errand.log.proof.GzipWriter;
import dev.errand.log.proof.Segment;
import dev.errand.log.proof.SegmentLines;
import dev.errand.log.read.LogIndex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/**
 * Compresses and indexes a whole log that nobody writes any more, and prints its bytes a call before and after; a main, not a
 * test. Argument: the log's directory.
 */
final class ClosedLog {
    private static final Pattern KIND = Pattern.compile("\\{\"kind\":\"([a-z-]+)\"");
    private static final int MEMBER_BYTES = 1 << 18;

    /** The text of one kind of records: how many, its bytes, and its bytes if only this kind were compressed. */
    private static final class Kind {
        private final Deflater deflater = new Deflater(6, true);
        private final byte[] text = new byte[MEMBER_BYTES];
        private final byte[] out = new byte[MEMBER_BYTES];
        private int filled;
        private long records;
        private long bytes;
        private long deflated;

        void line(byte[] line, int offset, int length) {
            records++;
            bytes += length + 1;
            if (filled + length + 1 > text.length) {
                member();
            }
            int kept = Math.min(length, text.length - 1);
            System.arraycopy(line, offset, text, filled, kept);
            filled += kept;
            text[filled++] = '\n';
        }

        void member() {
            deflater.reset();
            deflater.setInput(text, 0, filled);
            deflater.finish();
            while (!deflater.finished()) {
                deflated += deflater.deflate(out);
            }
            filled = 0;
        }
    }

    private ClosedLog() {}

    public static void main(String[] arguments) throws IOException {
        Path log = Path.of(arguments[0]);
        Map<String, Kind> kinds = new TreeMap<>();
        for (Path segment : Segment.list(log)) {
            SegmentLines.scan(segment, (bytes, offset, length) -> {
                String start = new String(bytes, offset, Math.min(length, 64), StandardCharsets.UTF_8);
                Matcher kind = KIND.matcher(start);
                kinds.computeIfAbsent(kind.lookingAt() ? kind.group(1) : "other", name -> new Kind())
                        .line(bytes, offset, length);
                return true;
            });
        }
        long text = bytes(log, ".*[.]jsonl");
        LogIndex index = new LogIndex(log);
        for (Path segment : Segment.list(log)) {
            GzipWriter.write(segment, () -> true);
            Files.delete(segment);
            Path built = index.file(segment);
            Files.deleteIfExists(built);
            Files.createDirectories(built.getParent());
            index.complete(segment);
        }
        long members = bytes(log, ".*[.]jsonl[.]gz([.]idx)?");
        long tiles = bytes(log, ".*/tile/.*");
        long found = bytes(log, ".*/index/[^/]*[.]idx");
        Kind decisions = kinds.getOrDefault("decision", new Kind());
        long calls = Math.max(1, decisions.records);
        System.out.println("| bytes a call | written | closed |\n|---|---|---|");
        for (Map.Entry<String, Kind> one : kinds.entrySet()) {
            Kind kind = one.getValue();
            kind.member();
            row(
                    "records of kind " + one.getKey() + " (" + kind.records + ")",
                    kind.bytes,
                    // The rest of a member's bytes are those of the other kinds between the decisions.
                    kind == decisions ? kind.deflated : -1,
                    calls);
        }
        row("text of all records", text, members, calls);
        row("tiles", tiles, tiles, calls);
        row("index", found, found, calls);
        row("together", text + tiles + found, members + tiles + found, calls);
        System.out.printf(
                Locale.ROOT,
                "closed, it has %.1f %% of its bytes (%,d calls)%n",
                100.0 * (members + tiles + found) / (text + tiles + found),
                calls);
    }

    private static void row(String what, long before, long after, long calls) {
        System.out.printf(Locale.ROOT, "| %s | %s | %s |%n", what, each(before, calls), each(after, calls));
    }

    private static String each(long bytes, long calls) {
        return bytes < 0 ? "" : String.format(Locale.ROOT, "%.1f", (double) bytes / calls);
    }

    private static long bytes(Path log, String name) throws IOException {
        try (Stream<Path> files = Files.walk(log)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += file.toString().matches(name) ? Files.size(file) : 0;
            }
            return bytes;
        }
    }
}
