package dev.errand.autoconfigure.check;

import java.util.List;

/** The address of sentinels, put together again where Spring took its commas for those of a list. */
public final class SentinelList {
    private SentinelList() {}

    /** The addresses as they were written: one where the first is of sentinels and the others name no scheme. */
    public static List<String> whole(List<String> addresses) {
        boolean sentinels = addresses.size() > 1
                && addresses.get(0).matches("rediss?-sentinel://.*")
                && addresses.stream().skip(1).noneMatch(each -> each.contains("://"));
        return sentinels ? List.of(String.join(",", addresses)) : List.copyOf(addresses);
    }
}
