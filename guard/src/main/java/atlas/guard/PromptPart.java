package atlas.guard;

/**
 * One piece of a prompt.
 *
 * @param name where it stands in the request, such as {@code messages[3].content}
 */
public record PromptPart(Channel channel, String name, String text) {}
