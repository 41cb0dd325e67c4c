package atlas.node.dialect;

import atlas.node.engine.GenerationRequest;

/** A request for text as it was asked: what to make, and how to tell it. */
public record Asked(GenerationRequest generation, boolean chat, boolean stream, boolean logprobs) {}
