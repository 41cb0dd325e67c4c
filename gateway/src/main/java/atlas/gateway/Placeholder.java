package atlas.gateway;

final class Placeholder {
    private Placeholder() {}
}
