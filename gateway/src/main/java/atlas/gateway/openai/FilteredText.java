package atlas.gateway.openai;

import atlas.guard.OutputFilter;

/** One text of an answer on its way through the output filter, and what of it was let out. */
final class FilteredText {
    private final String where;
    private final OutputFilter.Session session;
    private final Transcript transcript;
    private final StringBuilder said = new StringBuilder();
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

    private String said(String text) {
        said.append(text, 0, transcript.admits(text.length()));
        return text;
    }
}
