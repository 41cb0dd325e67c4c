package atlas.control;

final class Placeholder {
    private Placeholder() {}
}
