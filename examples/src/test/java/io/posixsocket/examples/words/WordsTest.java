package io.posixsocket.examples.words;

import static org.assertj.core.api.Assertions.assertThat;

import io.posixsocket.rpc.Call;
import io.posixsocket.rpc.Client;
import io.posixsocket.rpc.Server;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import words.Text;
import words.Word;
import words.Words;

/** The README's streams, run. */
@Timeout(60)
class WordsTest {
    private final List<String> printed = new ArrayList<>();

    /** Stands for the README's {@code System.out}. */
    private void println(String line) {
        printed.add(line);
    }

    private static Text text(String text) {
        return Text.newBuilder().setText(text).build();
    }

    private static Word word(String word) {
        return Word.newBuilder().setWord(word).build();
    }

    @Test
    void streamsAreMethodCalls() throws Exception {
        try (Server server = Server.builder()
                        .service(Words.service(new WordsServer()))
                        .start();
                Client client = server.connect()) {
            Words words = Words.stub(client);
            words.split(text("to be or not"), word -> println(word.getWord()));
            println(words.join(List.of(word("to"), word("be"))).getText());
            words.shout(List.of(word("hey"), word("you")), louder -> println(louder.getWord()));
        }
        assertThat(printed).containsExactly("to", "be", "or", "not", "to be", "hey!", "you!");
    }

    @Test
    void aConversation() throws Exception {
        try (Server server = Server.builder()
                        .service(Words.service(new WordsServer()))
                        .start();
                Client client = server.connect()) {
            try (Call<Word, Word> call = client.start(Words.SHOUT)) {
                call.send(word("hey"));
                println(call.receive().getWord()); // hey!
                call.send(word("you"));
                println(call.receive().getWord()); // you!
            } // or closeSend(), and receive() until it returns null
        }
        assertThat(printed).containsExactly("hey!", "you!");
    }
}
