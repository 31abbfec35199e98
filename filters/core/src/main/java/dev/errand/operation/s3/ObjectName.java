package dev.errand.operation.s3;

import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.Normalisation;
import dev.errand.operation.Normalisation.EncodedSlash;
import dev.errand.operation.Normalisation.TrailingSlash;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A bucket and a key.
 *
 * @param bucket empty for the service itself
 * @param key empty for the bucket itself
 */
record ObjectName(String bucket, String key) {
    private static final int MAX_KEY_BYTES = 1024;
    private static final Normalisation SOURCE =
            new Normalisation(EncodedSlash.SEPARATOR, TrailingSlash.DISTINCT, true, false).withSemicolons();

    static ObjectName of(CanonicalPath path) {
        if (path.size() == 0) {
            return new ObjectName("", "");
        }
        boolean slash =
                path.trailingSlash() && (path.size() > 1 || path.segment(0).isEmpty());
        return new ObjectName(path.segment(0), path.join(1, path.size()) + (slash ? "/" : ""));
    }

    /**
     * The source of a copy, from its header, without the version; null if the header can be read in several ways.
     * {@code %2f} in lower case is no slash to some servers: they copy nothing and write an empty object.
     */
    static @Nullable ObjectName source(String header) {
        int mark = header.indexOf('?');
        String path = mark < 0 ? header : header.substring(0, mark);
        boolean versioned = mark >= 0 && header.startsWith("?versionId=", mark) && header.indexOf('&', mark) < 0;
        if ((mark >= 0 && !versioned) || path.indexOf('+') >= 0 || path.contains("%2f")) {
            return null;
        }
        String rooted = path.startsWith("/") ? path : '/' + path;
        if (!(CanonicalPath.parse(rooted, SOURCE) instanceof Canonical.Accepted<CanonicalPath> good)) {
            return null;
        }
        ObjectName name = of(good.value());
        return name.key.isEmpty() || !name.isValid() ? null : name;
    }

    /** The version that the header of a valid source names, as a query. */
    static CanonicalQuery version(String header) throws MalformedRequestException {
        int mark = header.indexOf('?');
        if (CanonicalQuery.parse(mark < 0 ? null : header.substring(mark + 1))
                instanceof Canonical.Accepted<CanonicalQuery> query) {
            return query.value();
        }
        throw new MalformedRequestException("x-amz-copy-source names a version that can be read in several ways");
    }

    /** Whether an object can have this key, which comes from a body. */
    static boolean isKey(String key) {
        if (key.isBlank() || !key.equals(key.strip()) || key.indexOf('\\') >= 0 || !fits(key)) {
            return false;
        }
        for (String segment : key.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return false;
            }
        }
        return key.chars().noneMatch(Character::isISOControl);
    }

    private static boolean fits(String key) {
        return key.length() <= MAX_KEY_BYTES && key.getBytes(StandardCharsets.UTF_8).length <= MAX_KEY_BYTES;
    }

    /**
     * Whether the bucket's name and the object's key are possible. Without a bucket it is the service, which is valid.
     */
    boolean isValid() {
        boolean named = bucket.length() >= 3
                && bucket.length() <= 255
                && bucket.chars()
                        .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_'));
        return (named || (bucket.isEmpty() && key.isEmpty())) && fits(key);
    }

    Action.Level level() {
        return bucket.isEmpty() ? Action.Level.SERVICE : key.isEmpty() ? Action.Level.BUCKET : Action.Level.OBJECT;
    }

    String resource() {
        return bucket.isEmpty() ? "/" : key.isEmpty() ? bucket : bucket + '/' + key;
    }
}
