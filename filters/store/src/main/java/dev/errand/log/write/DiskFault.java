package dev.errand.log.write;

import java.nio.file.Path;
import java.util.Map;

/** Why a file could not be written, in the words of the operating system and with the name of its error. */
final class DiskFault {
    private static final Map<String, String> NAMES = Map.of(
            "No space left on device", "ENOSPC",
            "Disk quota exceeded", "EDQUOT",
            "Read-only file system", "EROFS",
            "Input/output error", "EIO",
            "Permission denied", "EACCES",
            "Too many open files", "EMFILE",
            "Stale file handle", "ESTALE",
            "File too large", "EFBIG",
            "No such file or directory", "ENOENT",
            "Transport endpoint is not connected", "ENOTCONN");

    private DiskFault() {}

    /** The error, the directory and what is free there. It asks the disk, which blocks. */
    static String of(Path directory, Throwable failure) {
        return of(failure) + "; " + directory + " has " + directory.toFile().getUsableSpace() + " bytes free";
    }

    private static String of(Throwable failure) {
        String said = String.valueOf(failure.getMessage());
        return NAMES.entrySet().stream()
                .filter(known -> said.endsWith(known.getKey()))
                .findFirst()
                .map(known -> said + " (" + known.getValue() + ")")
                .orElseGet(() -> failure.getClass().getSimpleName() + ": " + said);
    }
}
