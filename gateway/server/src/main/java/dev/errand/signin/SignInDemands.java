package dev.errand.signin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How strongly a human must sign in (OpenID Connect Core section 3.1.2.1). The provider is asked for it; only the token shows
 * whether it happened.
 *
 * @param acr the {@code acr_values}; empty if none is asked for
 * @param maxAgeSeconds the {@code max_age}; 0 for a new sign-in, null if none is asked for
 */
public record SignInDemands(List<String> acr, @Nullable Long maxAgeSeconds) {
    /** Any sign-in is strong enough. */
    public static final SignInDemands NONE = new SignInDemands(List.of(), null);

    public SignInDemands {
        acr = List.copyOf(acr);
    }
}
