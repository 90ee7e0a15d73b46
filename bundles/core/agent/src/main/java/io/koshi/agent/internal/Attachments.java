package io.koshi.agent.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.Blobs;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.model.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Opens what goes with a prompt: text is put before the model as text, anything else is left to the model's plugin. */
record Attachments(Blobs blobs) {
    private static final int BYTES_PER_TOKEN = 4;
    private static final int MOST_BYTES = 4 << 20;

    /** A blob of this media type is read out, whoever made it. */
    private static boolean isText(Part.Blob blob) {
        String type = blob.mediaType();
        return type.startsWith("text/") || type.startsWith("application/json") || type.endsWith("+json");
    }

    /**
     * @param prompt what it goes with; a text that stands there already is left out
     * @param tokens what all texts may take together, estimated; what is more is cut and says so
     */
    List<Part> opened(String prompt, List<Part> parts, int tokens) {
        List<Part> opened = new ArrayList<>();
        int left = tokens;
        for (Part part : parts) {
            if (part instanceof Part.Blob blob && isText(blob)) {
                String text = text(blob, Math.max(0, left));
                if (!prompt.contains(text)) {
                    String name = blob.name().orElse("attachment");
                    left -= Tokens.of(text);
                    opened.add(Part.text("[" + name + "]\n" + text + "\n[end of " + name + "]"));
                }
            } else {
                opened.add(part);
            }
        }
        return opened;
    }

    private String text(Part.Blob blob, int tokens) {
        int most = (int) Math.min(MOST_BYTES, (long) tokens * BYTES_PER_TOKEN);
        try (InputStream in = blobs.open(blob.ref())) {
            byte[] bytes = in.readNBytes(most + 1);
            String whole = new String(bytes, 0, Math.min(bytes.length, most), UTF_8);
            String kept = Tokens.cut(whole, tokens);
            boolean cut = bytes.length > most || kept.length() < whole.length();
            return cut ? kept + "\n[cut here: it is longer than the model may be given]" : kept;
        } catch (IOException | KoshiException e) {
            return "[it is no longer there]";
        }
    }
}
