package atlas.gateway;

import atlas.runtime.Problem;
import atlas.runtime.http.ErrorBody;

/** What the edge refuses by itself, before there is a request to lead anywhere, in our dialect. */
final class EdgeProblems implements ErrorBody {
    @Override
    public byte[] json(Problem problem, String path, String requestId) {
        Refusal refusal =
                switch (problem.status()) {
                    case 413 -> Refusal.REQUEST_TOO_LARGE;
                    case 500 -> Refusal.INTERNAL;
                    case 503 -> Refusal.UNAVAILABLE;
                    default -> Refusal.INVALID_REQUEST;
                };
        String message =
                refusal == Refusal.INTERNAL ? GatewayProblems.message(refusal) : problem.detail();
        return GatewayProblems.body(new Refused(refusal, message, message, null));
    }

    @Override
    public String mediaType() {
        return "application/json";
    }
}
