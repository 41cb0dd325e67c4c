package atlas.policy;

final class Placeholder {
    private Placeholder() {}
}
