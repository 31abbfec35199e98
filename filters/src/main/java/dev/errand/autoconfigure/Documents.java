package dev.errand.autoconfigure;

import dev.errand.jose.source.LiveDocument;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The documents that one revision's trust reads. What an earlier revision has open already is shared, so that a reload
 * fetches nothing anew. One thread.
 */
public final class Documents implements AutoCloseable {
    private final Map<String, LiveDocument<?>> earlier;
    private final Map<String, LiveDocument<?>> open = new HashMap<>();

    Documents() {
        this.earlier = Map.of();
    }

    /** Those of the revision after this one. */
    Documents(Documents before) {
        this.earlier = Map.copyOf(before.open);
    }

    /** The document of that name, which also says its kind; opened if it is not. */
    @SuppressWarnings("unchecked") // one name is always one kind of document
    public <T> LiveDocument<T> get(String name, Supplier<LiveDocument<T>> opener) {
        LiveDocument<?> document = open.get(name);
        if (document == null) {
            document = earlier.containsKey(name) ? earlier.get(name) : opener.get();
            open.put(name, document);
        }
        return (LiveDocument<T>) document;
    }

    /** Closes what only the revision before this one read: this one runs. */
    void closeEarlier() {
        earlier.forEach((name, document) -> closeUnless(open.containsKey(name), document));
    }

    /** Closes what only this revision would have read: it was refused. */
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
