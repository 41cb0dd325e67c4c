package atlas.cli;

final class Placeholder {
    private Placeholder() {}
}
