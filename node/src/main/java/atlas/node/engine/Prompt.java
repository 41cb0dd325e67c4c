package atlas.node.engine;

import java.util.List;

/** What a model is asked to continue. */
public sealed interface Prompt {
    /** A conversation, to be answered. */
    record Chat(List<ChatMessage> messages) implements Prompt {
        public Chat {
            messages = List.copyOf(messages);
        }
    }

    /** Plain text, to be continued. */
    record Text(String text) implements Prompt {}
}
