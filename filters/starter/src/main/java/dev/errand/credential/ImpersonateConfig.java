package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code impersonate}: the gateway's own bearer token at an apiserver of Kubernetes, and the user for whom it acts.
 *
 * @param bearer the gateway's own credential
 * @param user whom {@code Impersonate-User} names; null for the human
 * @param groups without the prefix; null for none
 * @param extra whether task, template, human and agent are sent too; null for true
 * @param prefix the beginning of user and groups; null for {@code errand:}
 * @param when how long it may be used; null for as long as the task
 */
public record ImpersonateConfig(
        Bearer bearer,
        @Nullable Subject user,
        @Nullable List<String> groups,
        @Nullable Boolean extra,
        @Nullable String prefix,
        @Nullable CredentialLifetime when)
        implements TaskCredentialConfig {
    private static final String PREFIX = "errand:";
    private static final String SYSTEM = "system:";

    /** The gateway's own credential: the file that holds it. */
    public record Bearer(String file) {}

    @Override
    public boolean isSigned() {
        return false;
    }

    private String effectivePrefix() {
        return prefix == null ? PREFIX : prefix;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        String before = effectivePrefix();
        if (before.startsWith(SYSTEM)) {
            fault.accept(
                    "impersonate.prefix",
                    "'" + before + "' begins with 'system:', which is for Kubernetes itself: choose another prefix");
        }
        if (!isText(before) && !before.isEmpty()) {
            fault.accept("impersonate.prefix", "'impersonate.prefix' must be visible ASCII");
        }
        List<String> all = groups == null ? List.of() : groups;
        for (int i = 0; i < all.size(); i++) {
            String group = all.get(i);
            String key = "impersonate.groups[" + i + "]";
            if (group.startsWith(SYSTEM) || (before + group).startsWith(SYSTEM)) {
                fault.accept(
                        key,
                        "'" + group
                                + "' begins with 'system:', which is for Kubernetes itself: name a group of your own");
            } else if (!isText(group)) {
                fault.accept(key, "a group must be visible ASCII, and not empty");
            }
        }
    }

    private static boolean isText(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(bearer.file()));
    }

    @Override
    public Minter minter(CredentialContext opening) {
        return new ImpersonateMinter(
                new BearerConfig(bearer.file()).open(opening),
                user == null ? Subject.HUMAN : user,
                groups == null ? List.of() : groups,
                extra == null || extra,
                effectivePrefix());
    }
}
