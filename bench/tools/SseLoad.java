import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Reads streams side by side and prints one JSON line: chunks, first chunk and chunk delay in
 * microseconds. Usage: PORT TLS TRUSTSTORE PASSWORD STREAMS REPEATS BODY-FILE [HEADER ...]
 */
public class SseLoad {
    private static final Pattern SENT = Pattern.compile("said at ([a-j]+)\\. ");

    private static final Pattern CONTENT = Pattern.compile("\"content\":\"([^\"]*)\"");

    record Seen(long firstMicros, List<Long> delays, int chunks, boolean complete) {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        SSLContext tls = Boolean.parseBoolean(args[1]) ? tls(args[2], args[3]) : null;
        int streams = Integer.parseInt(args[4]);
        int repeats = Integer.parseInt(args[5]);
        byte[] body = Files.readAllBytes(Path.of(args[6]));
        List<String> headers = Arrays.asList(args).subList(7, args.length);
        List<Callable<List<Seen>>> jobs = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            jobs.add(() -> connection(port, tls, body, headers, repeats));
        }
        List<Long> first = new ArrayList<>();
        List<Long> delays = new ArrayList<>();
        int chunks = 0;
        int broken = 0;
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<List<Seen>> job : pool.invokeAll(jobs)) {
                for (Seen seen : job.get()) {
                    first.add(seen.firstMicros());
                    delays.addAll(seen.delays());
                    chunks += seen.chunks();
                    broken += seen.complete() ? 0 : 1;
                }
            }
        }
        System.out.printf(
                "{\"chunks\":%d,\"broken\":%d,\"first_us_p50\":%d,\"first_us_p99\":%d,"
                        + "\"delay_us_p50\":%d,\"delay_us_p99\":%d}%n",
                chunks, broken, at(first, 50), at(first, 99), at(delays, 50), at(delays, 99));
    }

    private static List<Seen> connection(
            int port, SSLContext tls, byte[] body, List<String> headers, int repeats) throws Exception {
        List<Seen> all = new ArrayList<>();
        try (Socket socket = open(port, tls)) {
            OutputStream out = socket.getOutputStream();
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 16384);
            StringBuilder head =
                    new StringBuilder("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost:" + port + "\r\n");
            headers.forEach(h -> head.append(h).append("\r\n"));
            head.append("content-type: application/json\r\ncontent-length: " + body.length + "\r\n\r\n");
            for (int i = 0; i < repeats; i++) {
                long sent = System.nanoTime();
                out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
                all.add(one(in, sent));
            }
        }
        return all;
    }

    private static Seen one(BufferedReader in, long sentNanos) throws Exception {
        long first = -1;
        List<Long> delays = new ArrayList<>();
        StringBuilder said = new StringBuilder();
        boolean done = false;
        String line;
        String status = in.readLine();
        if (status == null || !status.contains(" 200")) {
            throw new IllegalStateException("answer: " + status);
        }
        while ((line = in.readLine()) != null) {
            long now = System.nanoTime();
            if (line.startsWith("data: [DONE]")) {
                done = true;
            } else if (line.startsWith("data:")) {
                Matcher content = CONTENT.matcher(line);
                if (content.find()) {
                    if (first < 0 && !content.group(1).isEmpty()) {
                        first = (now - sentNanos) / 1000;
                    }
                    said.append(content.group(1));
                }
                Matcher sent = SENT.matcher(said);
                int read = 0;
                while (sent.find()) {
                    delays.add(now / 1000 - number(sent.group(1)));
                    read = sent.end();
                }
                said.delete(0, read);
            } else if (line.equals("0")) {
                in.readLine();
                break;
            }
        }
        return new Seen(first, delays, delays.size(), done);
    }

    private static long number(String letters) {
        long number = 0;
        for (char letter : letters.toCharArray()) {
            number = number * 10 + letter - 'a';
        }
        return number;
    }

    private static Socket open(int port, SSLContext tls) throws Exception {
        Socket socket;
        if (tls == null) {
            socket = new Socket("127.0.0.1", port);
        } else {
            SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            socket = secure;
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static SSLContext tls(String store, String password) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(store)) {
            trust.load(in, password.toCharArray());
        }
        TrustManagerFactory anchors = TrustManagerFactory.getInstance("PKIX");
        anchors.init(trust);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(null, anchors.getTrustManagers(), null);
        return tls;
    }

    private static long at(List<Long> values, int percent) {
        if (values.isEmpty()) {
            return -1;
        }
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
