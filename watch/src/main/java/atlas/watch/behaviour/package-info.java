/**
 * What a principal usually does, and which acts do not look like it.
 *
 * <p>The door is {@link atlas.watch.behaviour.Behaviour}: live facts and recorded streams go
 * through the same code. Never here: text of prompts or answers, a clock, a thread.
 */
@org.jspecify.annotations.NullMarked
package atlas.watch.behaviour;
