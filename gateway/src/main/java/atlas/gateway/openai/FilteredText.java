package atlas.gateway.openai;

import atlas.core.AuditEvent.ToolCall;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.guard.OutputFilter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One text of an answer on its way through the output filter, and what of it was let out. */
final class FilteredText {
    private static final int MOST_NAME = 256;

    private final String where;
    private final OutputFilter.Session session;
    private final Transcript transcript;
    private final StringBuilder said = new StringBuilder();
    private final StringBuilder called = new StringBuilder(0);
    private @Nullable MessageDigest released;
    private long releasedBytes;
    private boolean finished;

    FilteredText(String where, OutputFilter.Session session, Transcript transcript) {
        this.where = where;
        this.session = session;
        this.transcript = transcript;
    }

    /** What may leave now that this has come. */
    String feed(String text) {
        return said(session.feed(text));
    }

    /** What was held back, at the end of the text. */
    String finish() {
        if (finished) {
            return "";
        }
        finished = true;
        return said(session.finish());
    }

    /** A text that is here in one piece. */
    String whole(String text) {
        return feed(text) + finish();
    }

    boolean blocked() {
        return session.blocked();
    }

    OutputFilter.Session session() {
        return session;
    }

    String where() {
        return where;
    }

    CharSequence said() {
        return said;
    }

    /** The call whose name is the other text and whose arguments are this one. */
    ToolCall asArgumentsOf(FilteredText name) {
        Digest digest = Digest.of(sentSoFar(released).digest());
        return new ToolCall(String.valueOf(name.called), releasedBytes, Optional.of(digest));
    }

    private static MessageDigest sentSoFar(@Nullable MessageDigest digest) {
        try {
            return digest == null ? Hashes.sha256() : (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of the JDK can be copied", e);
        }
    }

    private void note(String text) {
        if (where.endsWith(Transcript.NAME)) {
            called.append(text, 0, Math.min(text.length(), MOST_NAME - called.length()));
        } else if (where.endsWith(Transcript.ARGUMENTS)) {
            byte[] bytes = Utf8.repaired(text).getBytes(StandardCharsets.UTF_8);
            MessageDigest digest = released == null ? Hashes.sha256() : released;
            digest.update(bytes);
            released = digest;
            releasedBytes += bytes.length;
        }
    }

    private String said(String text) {
        note(text);
        said.append(text, 0, transcript.admits(text.length()));
        return text;
    }
}
