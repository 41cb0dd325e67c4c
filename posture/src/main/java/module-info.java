/** How far the rollout of zero trust has come, by what was measured. */
@org.jspecify.annotations.NullMarked
module atlas.posture {
    requires transitive atlas.core;
    requires org.snakeyaml.engine.v2;

    exports atlas.posture;
}
