package dev.errand.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The library of epoll may be older than Netty's classes: it must have every native method that they call at start. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class NativeTransportTest {
    @Test
    void libraryOfEpoll_hasTheMethodsOfTheClasses() {
        assertThatCode(Epoll::ensureAvailability).doesNotThrowAnyException();
        // The constants are asked of the library, one method each.
        assertThat(Errors.ERRNO_EPIPE_NEGATIVE).isNegative();
    }
}
