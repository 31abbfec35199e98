package dev.errand.offline.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Texts that many records repeat, each kept once and known by a number. Its size is bounded. Not thread-safe. */
final class PackedStrings {
    /** Stands for a text that has no number, since there are too many. */
    static final int NONE = 1;

    private static final int NULL = 0;
    private static final int FIRST = 2;
    private static final int MAX_TEXTS = 200_000;

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> texts = new ArrayList<>();

    /** The text's number, 0 for null; {@link #NONE} if it gets none. */
    int number(@Nullable String text) {
        if (text == null) {
            return NULL;
        }
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        if (texts.size() >= MAX_TEXTS) {
            return NONE;
        }
        int number = FIRST + texts.size();
        texts.add(text);
        numbers.put(text, number);
        return number;
    }

    /** The text of a number other than {@link #NONE}. */
    @Nullable String text(int number) {
        return number == NULL ? null : texts.get(number - FIRST);
    }
}
