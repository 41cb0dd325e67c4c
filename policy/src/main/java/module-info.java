/** May they: the policy decision point. */
@org.jspecify.annotations.NullMarked
module atlas.policy {
    requires transitive atlas.core;

    exports atlas.policy;
}
