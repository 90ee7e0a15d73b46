package example.channel.folder;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.ChannelName;
import io.koshi.api.Inbox;
import io.koshi.api.Message;
import io.koshi.api.Pools;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** A text file moved into {@code in/NAME.txt} is a message of conversation NAME; answers land in {@code out/}. */
@Component(name = "example.channel.folder", configurationPolicy = ConfigurationPolicy.REQUIRE)
@ChannelName("folder")
@Designate(ocd = FolderChannel.Config.class)
public final class FolderChannel implements Channel {
    @ObjectClassDefinition
    @interface Config {
        String path();
    }

    private final Path root;

    @Activate
    public FolderChannel(@Reference Inbox inbox, @Reference Pools pools, Config config) throws IOException {
        root = Path.of(config.path());
        Files.createDirectories(root.resolve("in"));
        Files.createDirectories(root.resolve("out"));
        pools.every("folder", Duration.ofSeconds(1), () -> look(inbox)); // ends with this bundle
    }

    private void look(Inbox inbox) throws IOException {
        try (var files = Files.newDirectoryStream(root.resolve("in"), "*.txt")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replaceFirst("\\.txt$", "");
                String id = name + "@" + Files.getLastModifiedTime(file).toMillis();
                inbox.accept(Message.of(Address.of("folder", name), Files.readString(file)).withExternalId(id));
                Files.delete(file); // after the commit; a kill in between is caught by the external id
            }
        }
    }

    @Override
    public Receipt send(Reply reply) throws IOException {
        String name = reply.to().conversation() + "-" + reply.id() + ".txt"; // a repeat overwrites itself
        Files.writeString(root.resolve("out").resolve(name), reply.text());
        return Receipt.of(reply.id());
    }
}
