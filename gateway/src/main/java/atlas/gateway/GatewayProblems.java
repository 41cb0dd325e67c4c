package atlas.gateway;

import atlas.core.AuditUnavailableException;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.json.Json;
import atlas.guard.GuardException;
import atlas.identity.IdentityException;
import atlas.identity.StoreUnavailableException;
import atlas.journal.JournalException;
import atlas.policy.PolicyException;
import atlas.registry.RegistryException;
import atlas.runtime.http.Headers;
import atlas.vectors.VectorsException;
import org.jspecify.annotations.Nullable;

/**
 * How each refusal looks on the wire: status, code, words. OpenAI's or Anthropic's shape, so that
 * SDKs read it.
 */
final class GatewayProblems {
    private static final Headers JSON = Headers.of("content-type", "application/json");
    private static final Headers CHALLENGE =
            JSON.with("www-authenticate", "Bearer realm=\"atlas\"")
                    .with("cache-control", "no-store");
    private static final Headers NONCE =
            JSON.with("www-authenticate", "DPoP realm=\"atlas\", error=\"use_dpop_nonce\"")
                    .with("cache-control", "no-store");
    private static final byte[] STRANGER =
            body(Refusal.INVALID_CREDENTIAL, message(Refusal.INVALID_CREDENTIAL), null);

    private GatewayProblems() {}

    static int status(Refusal refusal) {
        return switch (refusal) {
            case INVALID_REQUEST, PROMPT_INJECTION -> 400;
            case INVALID_CREDENTIAL, CREDENTIAL_OVERDUE -> 401;
            case FORBIDDEN, ACCESS_REVOKED, QUOTA_EXCEEDED -> 403;
            case MODEL_NOT_FOUND,
                    NOT_FOUND,
                    RECEIPT_NOT_FOUND,
                    VECTOR_STORE_NOT_FOUND,
                    VECTOR_NOT_FOUND ->
                    404;
            case METHOD_NOT_ALLOWED -> 405;
            case REQUEST_TOO_LARGE -> 413;
            case RATE_LIMITED, BUDGET_EXHAUSTED -> 429;
            case INTERNAL -> 500;
            case UPSTREAM_ERROR -> 502;
            case UNAVAILABLE -> 503;
        };
    }

    /** The stable code that programs branch on. */
    static String code(Refusal refusal) {
        return switch (refusal) {
            case INVALID_CREDENTIAL, CREDENTIAL_OVERDUE -> "invalid_credential";
            case FORBIDDEN -> "forbidden";
            case ACCESS_REVOKED -> "access_revoked";
            case MODEL_NOT_FOUND -> "model_not_found";
            case NOT_FOUND -> "not_found";
            case METHOD_NOT_ALLOWED -> "method_not_allowed";
            case RECEIPT_NOT_FOUND -> "receipt_not_found";
            case VECTOR_STORE_NOT_FOUND -> "vector_store_not_found";
            case VECTOR_NOT_FOUND -> "vector_not_found";
            case QUOTA_EXCEEDED -> "quota_exceeded";
            case INVALID_REQUEST -> "invalid_request";
            case PROMPT_INJECTION -> "prompt_injection_detected";
            case REQUEST_TOO_LARGE -> "request_too_large";
            case RATE_LIMITED -> "rate_limited";
            case BUDGET_EXHAUSTED -> "budget_exhausted";
            case UNAVAILABLE -> "unavailable";
            case UPSTREAM_ERROR -> "upstream_error";
            case INTERNAL -> "internal_error";
        };
    }

    private static String type(Refusal refusal) {
        return switch (refusal) {
            case INVALID_CREDENTIAL, CREDENTIAL_OVERDUE -> "authentication_error";
            case FORBIDDEN, ACCESS_REVOKED -> "permission_error";
            case MODEL_NOT_FOUND,
                    NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    RECEIPT_NOT_FOUND,
                    VECTOR_STORE_NOT_FOUND,
                    VECTOR_NOT_FOUND,
                    QUOTA_EXCEEDED,
                    INVALID_REQUEST,
                    PROMPT_INJECTION,
                    REQUEST_TOO_LARGE ->
                    "invalid_request_error";
            case RATE_LIMITED -> "rate_limit_error";
            case BUDGET_EXHAUSTED -> "insufficient_quota";
            case UNAVAILABLE, UPSTREAM_ERROR, INTERNAL -> "server_error";
        };
    }

    /** What a caller is told where nothing more particular can be said. */
    static String message(Refusal refusal) {
        return switch (refusal) {
            case INVALID_CREDENTIAL ->
                    "no valid credential was presented; send exactly one, such as `Authorization:"
                            + " Bearer …`";
            case CREDENTIAL_OVERDUE -> "the credential was to be renewed and works no more";
            case FORBIDDEN -> "this credential may not do this; ask for a role that may";
            case ACCESS_REVOKED ->
                    "the access that this answer rested on was taken back; it ends here";
            case MODEL_NOT_FOUND ->
                    "the model does not exist or you may not use it; `GET /v1/models` lists yours";
            case NOT_FOUND -> "there is nothing at this path";
            case METHOD_NOT_ALLOWED -> "this path does not take this method";
            case RECEIPT_NOT_FOUND -> "there is no receipt of yours under this request id";
            case VECTOR_STORE_NOT_FOUND ->
                    "the vector store does not exist or you may not use it like this; `GET"
                            + " /v1/vector_stores` lists yours";
            case VECTOR_NOT_FOUND -> "there is no such vector in this store";
            case QUOTA_EXCEEDED -> "more than may be kept; delete something first";
            case INVALID_REQUEST -> "the request cannot be read";
            case PROMPT_INJECTION -> "the prompt was refused by the guard";
            case REQUEST_TOO_LARGE -> "the request is too large; send less";
            case RATE_LIMITED -> "too much is asked at once; try again later";
            case BUDGET_EXHAUSTED -> "the budget of this key is spent; try again later";
            case UNAVAILABLE -> "something this request needs is unavailable; try again later";
            case UPSTREAM_ERROR -> "the model's engine failed; try again";
            case INTERNAL -> "something went wrong; quote the request id when you report it";
        };
    }

    /** Which refusal a fault becomes: a room that says it is down, or a defect of ours. */
    static Refusal of(RuntimeException fault) {
        return switch (fault) {
            case AuditUnavailableException _,
                    KeyUnavailableException _,
                    StoreUnavailableException _,
                    IdentityException _,
                    PolicyException _,
                    RegistryException _,
                    GuardException _,
                    VectorsException _,
                    JournalException _ ->
                    Refusal.UNAVAILABLE;
            default -> Refusal.INTERNAL;
        };
    }

    static Headers headers(Refused refused) {
        String nonce = refused.nonce();
        if (nonce != null) {
            return NONCE.with("dpop-nonce", nonce);
        }
        return switch (refused.refusal()) {
            case INVALID_CREDENTIAL, CREDENTIAL_OVERDUE -> CHALLENGE;
            case RATE_LIMITED, BUDGET_EXHAUSTED, UNAVAILABLE -> {
                long seconds = refused.retrySeconds();
                yield seconds == 0 ? JSON : JSON.with("retry-after", Long.toString(seconds));
            }
            default -> JSON;
        };
    }

    static byte[] body(Refused refused) {
        return refused.refusal() == Refusal.INVALID_CREDENTIAL
                ? STRANGER
                : body(refused.refusal(), refused.message(), refused.param());
    }

    /** The same in Anthropic's shape; our code is beside their type. A stranger sees no shape. */
    static byte[] anthropicBody(Refused refused, String requestId) {
        Refusal refusal = refused.refusal();
        if (refusal == Refusal.INVALID_CREDENTIAL) {
            return STRANGER;
        }
        String param = refused.param();
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("type", "error");
            out.writeObjectFieldStart("error");
            out.writeStringField("type", anthropicType(refusal));
            out.writeStringField("message", refused.message());
            out.writeStringField("code", code(refusal));
            if (param != null && !param.isEmpty()) {
                out.writeStringField("param", param);
            }
            out.writeEndObject();
            out.writeStringField("request_id", requestId);
            out.writeEndObject();
        });
    }

    private static String anthropicType(Refusal refusal) {
        return switch (refusal) {
            case INVALID_CREDENTIAL, CREDENTIAL_OVERDUE -> "authentication_error";
            case FORBIDDEN, ACCESS_REVOKED, QUOTA_EXCEEDED -> "permission_error";
            case MODEL_NOT_FOUND,
                    NOT_FOUND,
                    RECEIPT_NOT_FOUND,
                    VECTOR_STORE_NOT_FOUND,
                    VECTOR_NOT_FOUND ->
                    "not_found_error";
            case METHOD_NOT_ALLOWED, INVALID_REQUEST, PROMPT_INJECTION -> "invalid_request_error";
            case REQUEST_TOO_LARGE -> "request_too_large";
            case RATE_LIMITED, BUDGET_EXHAUSTED -> "rate_limit_error";
            case UNAVAILABLE -> "overloaded_error";
            case UPSTREAM_ERROR, INTERNAL -> "api_error";
        };
    }

    private static byte[] body(Refusal refusal, String message, @Nullable String param) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeObjectFieldStart("error");
            out.writeStringField("message", message);
            out.writeStringField("type", type(refusal));
            out.writeFieldName("param");
            if (param == null || param.isEmpty()) {
                out.writeNull();
            } else {
                out.writeString(param);
            }
            out.writeStringField("code", code(refusal));
            out.writeEndObject();
            out.writeEndObject();
        });
    }
}
