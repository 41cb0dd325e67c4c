package atlas.control.policies;

import atlas.policy.PolicyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file that others replace. It has changed when its time, its size or the file behind its name
 * has; a name that leads through a changed link counts, which is how mounted volumes are updated.
 */
final class FollowedFile {
    private final Path path;
    private @Nullable Object seen;
    private @Nullable Object looked;

    FollowedFile(Path path) {
        this.path = path;
    }

    /** What tells one state of the file from another. */
    private record Mark(Object modified, long size, @Nullable Object file) {}

    Path path() {
        return path;
    }

    /** Whether it differs from when it was last taken. */
    boolean changed() {
        looked = mark();
        return !Objects.equals(looked, seen);
    }

    /** What was looked at last is dealt with. */
    void taken() {
        seen = looked;
    }

    /**
     * The text, for a beginning.
     *
     * @throws PolicyException when it cannot be read
     */
    String text() {
        looked = mark();
        return readable()
                .orElseThrow(() ->
                        new PolicyException("the policy file `" + path + "` cannot be read", null));
    }

    /** The text; empty when it cannot be read now or is not UTF-8. */
    Optional<String> readable() {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
                            .toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Object mark() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Mark(now.lastModifiedTime(), now.size(), now.fileKey());
        } catch (IOException e) {
            return "missing";
        }
    }
}
