/**
 * How far the rollout of zero trust has come. A {@link atlas.posture.Rollout} says what is to be
 * done in which phase; {@link atlas.posture.Measurement}s say what was found, by acting and looking
 * at what came of it; a {@link atlas.posture.PostureReport} puts both together with what was proven
 * before.
 *
 * <p>Never here: measuring itself, which takes an installation, and believing what a file claims.
 */
@org.jspecify.annotations.NullMarked
package atlas.posture;
