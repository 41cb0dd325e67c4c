package atlas.journal.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The worked examples in AWS's description of Signature Version 4 for S3. */
class RequestSignatureTest {
    private static final String EMPTY =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String HOST = "examplebucket.s3.amazonaws.com";

    private final RequestSignature signature =
            new RequestSignature(
                    "us-east-1",
                    "AKIAIOSFODNN7EXAMPLE",
                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    private String signed(
            String method, String path, String query, String hash, Map<String, String> more) {
        TreeMap<String, String> headers = new TreeMap<>(more);
        headers.put("host", HOST);
        headers.put("x-amz-content-sha256", hash);
        headers.put("x-amz-date", "20130524T000000Z");
        return signature.authorization(method, path, query, headers);
    }

    @Test
    void signsTheGetOfAnObject() {
        assertThat(signed("GET", "/test.txt", "", EMPTY, Map.of("range", "bytes=0-9")))
                .isEqualTo(
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                            + "aws4_request,SignedHeaders=host;range;x-amz-content-sha256;"
                            + "x-amz-date,Signature="
                            + "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    @Test
    void signsThePutOfAnObject() {
        assertThat(
                        signed(
                                "PUT",
                                "/test%24file.text",
                                "",
                                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                                Map.of(
                                        "date",
                                        "Fri, 24 May 2013 00:00:00 GMT",
                                        "x-amz-storage-class",
                                        "REDUCED_REDUNDANCY")))
                .endsWith(
                        "Signature="
                            + "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }

    @Test
    void signsAList() {
        assertThat(signed("GET", "/", "max-keys=2&prefix=J", EMPTY, Map.of()))
                .endsWith(
                        "Signature="
                            + "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    }
}
