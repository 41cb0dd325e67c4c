package atlas.guard;

final class Placeholder {
    private Placeholder() {}
}
