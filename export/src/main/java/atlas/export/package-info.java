/**
 * Journal entries delivered to other systems. Door: {@link atlas.export.Exporters}.
 *
 * <p>Never happens here: an entry left out because a receiver was down, a prompt or answer sent
 * where only metadata may go, the journal held up by a receiver, a destination that no
 * configuration names.
 */
package atlas.export;
