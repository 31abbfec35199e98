/**
 * People sign in at their identity provider, for the pages of the gateway. A page begins a sign-in by
 * {@link dev.errand.signin.SignIn#begin}, verifies the token that {@link dev.errand.signin.SignIn#finish} gives,
 * and keeps who it is by {@link dev.errand.signin.Sessions}. Its callback answers with a page that leads on, not with a
 * redirection: a browser sends no {@code Strict} cookie along a chain that began at the provider.
 */
@NullMarked
package dev.errand.signin;

import org.jspecify.annotations.NullMarked;
