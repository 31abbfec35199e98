package dev.errand.autoconfigure;

import dev.errand.trust.LiveDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The documents that the trust of one revision reads. Documents that the revision before has open are shared, so that a
 * reload does not fetch them again. For one thread.
 */
final class Documents implements AutoCloseable {
    private final Map<String, LiveDocument<?>> earlier;
    private final Map<String, LiveDocument<?>> open = new HashMap<>();

    Documents() {
        this.earlier = Map.of();
    }

    /** The documents of the revision after that of {@code before}. */
    Documents(Documents before) {
        this.earlier = Map.copyOf(before.open);
    }

    /** The document of that name, which includes its kind. Opens the document if it is not open yet. */
    @SuppressWarnings("unchecked") // one name is always one kind of document
    public <T> LiveDocument<T> get(String name, Supplier<LiveDocument<T>> opener) {
        LiveDocument<?> document = open.get(name);
        if (document == null) {
            document = earlier.containsKey(name) ? earlier.get(name) : opener.get();
            open.put(name, document);
        }
        return (LiveDocument<T>) document;
    }

    /** Why the latest revisions of documents were refused. */
    List<String> faults() {
        return open.values().stream()
                .map(LiveDocument::fault)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Closes the documents that only the revision before this one read, since this one runs now. */
    void closeEarlier() {
        earlier.forEach((name, document) -> closeUnless(open.containsKey(name), document));
    }

    /** Closes the documents that only this revision would have read, since it was refused. */
    void closeNew() {
        open.forEach((name, document) -> closeUnless(earlier.containsKey(name), document));
    }

    private static void closeUnless(boolean shared, LiveDocument<?> document) {
        if (!shared) {
            document.close();
        }
    }

    @Override
    public void close() {
        open.values().forEach(LiveDocument::close);
    }
}
