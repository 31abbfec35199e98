package dev.errand.autoconfigure;

import java.util.List;

/** Joins the address of sentinels again after Spring has split it at its commas. */
final class SentinelList {
    private SentinelList() {}

    /**
     * The addresses as they were written. They are one address if the first is a sentinel address and the others have
     * no scheme.
     */
    public static List<String> whole(List<String> addresses) {
        boolean sentinels = addresses.size() > 1
                && addresses.get(0).matches("rediss?-sentinel://.*")
                && addresses.stream().skip(1).noneMatch(each -> each.contains("://"));
        return sentinels ? List.of(String.join(",", addresses)) : List.copyOf(addresses);
    }
}
