/** May they: the policy decision point. */
@org.jspecify.annotations.NullMarked
module atlas.policy {
    requires cedar.java;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.google.common;
    requires org.slf4j;
    requires transitive atlas.core;

    exports atlas.policy;
    exports atlas.policy.cedar;
}
