package dev.errand.cli;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.ConfigurationException;
import java.util.List;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.web.server.PortInUseException;

/** Says why the gateway does not start: what is wrong, where, and what to do, in lines without a stack trace. */
final class StartFailure {
    private static final int MAX_DEPTH = 20;

    private StartFailure() {}

    static List<String> explain(Throwable failure) {
        PortInUseException port = find(failure, PortInUseException.class);
        if (port != null) {
            return List.of("port " + port.getPort()
                    + " is taken: stop what listens there, or choose another with --server.port=N"
                    + " (--management.server.port=N for 9090)");
        }
        ConfigurationException configuration = find(failure, ConfigurationException.class);
        if (configuration != null) {
            return configuration.lines();
        }
        UnboundConfigurationPropertiesException unknown = find(failure, UnboundConfigurationPropertiesException.class);
        if (unknown != null) {
            return unknown.getUnboundProperties().stream()
                    .map(property -> property.getOrigin() + ": " + ConfigurationCheck.unknownKey(property.getName()))
                    .toList();
        }
        BindException bind = find(failure, BindException.class);
        if (bind != null) {
            Object origin = bind.getProperty() == null ? "" : bind.getProperty().getOrigin() + ": ";
            return List.of(origin + "'" + bind.getName() + "' cannot be read: "
                    + last(bind).getMessage());
        }
        if (find(failure, BindValidationException.class) != null) {
            return List.of(String.valueOf(last(failure).getMessage()));
        }
        Throwable cause = last(failure);
        return List.of(cause.getClass().getSimpleName() + ": " + firstLine(cause));
    }

    private static String firstLine(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static Throwable last(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < MAX_DEPTH && cause.getCause() != null; i++) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static <T extends Throwable> @org.jspecify.annotations.Nullable T find(Throwable failure, Class<T> type) {
        Throwable cause = failure;
        for (int i = 0; i < MAX_DEPTH && cause != null; i++) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
            cause = cause.getCause();
        }
        return null;
    }
}
