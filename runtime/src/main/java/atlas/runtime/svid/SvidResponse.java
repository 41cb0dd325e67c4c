package atlas.runtime.svid;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code X509SVIDResponse} of the Workload API, its field numbers as in {@code
 * workloadapi.proto}. Always complete: what is absent is taken back (§4.4).
 *
 * @param federated bundles by the SPIFFE ID of their trust domain
 */
record SvidResponse(List<Entry> svids, Map<String, byte[]> federated) {

    /** One {@code X509SVID}: all but the hint are mandatory (§5.2.1). */
    record Entry(String spiffeId, byte[] chain, byte[] key, byte[] bundle) {}

    static SvidResponse read(byte[] message) {
        List<Entry> svids = new ArrayList<>();
        Map<String, byte[]> federated = new HashMap<>();
        ProtoReader in = new ProtoReader(message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> svids.add(entry(in.bytes()));
                case 3 -> bundle(in.bytes(), federated);
                default -> {}
            }
        }
        if (svids.isEmpty()) {
            throw new SvidException("the workload API sent no identity");
        }
        return new SvidResponse(List.copyOf(svids), Map.copyOf(federated));
    }

    private static Entry entry(byte[] message) {
        String id = "";
        byte[] chain = new byte[0];
        byte[] key = new byte[0];
        byte[] bundle = new byte[0];
        ProtoReader in = new ProtoReader(message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> id = in.text();
                case 2 -> chain = in.bytes();
                case 3 -> key = in.bytes();
                case 4 -> bundle = in.bytes();
                default -> {}
            }
        }
        if (id.isEmpty() || chain.length == 0 || key.length == 0 || bundle.length == 0) {
            throw new SvidException("the workload API sent an identity without a mandatory field");
        }
        return new Entry(id, chain, key, bundle);
    }

    private static void bundle(byte[] message, Map<String, byte[]> federated) {
        String domain = "";
        byte[] bundle = new byte[0];
        ProtoReader in = new ProtoReader(message);
        while (in.next()) {
            if (in.field() == 1) {
                domain = in.text();
            } else if (in.field() == 2) {
                bundle = in.bytes();
            }
        }
        federated.put(domain, bundle);
    }
}
