package atlas.gateway.openai;

/**
 * An engine's answer that makes no sense, or says that it failed; stackless. The message is for
 * records and logs and quotes nothing of the answer.
 */
public final class BrokenAnswer extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param message quotes nothing of the answer
     */
    public BrokenAnswer(String message) {
        super(message, null, false, false);
    }
}
