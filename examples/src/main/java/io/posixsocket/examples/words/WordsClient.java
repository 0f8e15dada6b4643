package io.posixsocket.examples.words;

import io.posixsocket.rpc.Call;
import io.posixsocket.rpc.Client;
import java.util.List;
import words.Text;
import words.Word;
import words.Words;

/** The README's streams from the other side: {@code WordsClient unix:/tmp/words.sock}. */
public final class WordsClient {
    private WordsClient() {}

    public static void main(String[] args) {
        try (Client client = Client.connect(args[0])) {
            Words words = Words.stub(client);
            Text text = Text.newBuilder().setText("to be or not").build();
            words.split(text, word -> System.out.println("split: " + word.getWord()));
            System.out.println(
                    "join:  " + words.join(List.of(word("to"), word("be"))).getText());
            words.shout(List.of(word("hey"), word("you")), louder -> System.out.println("shout: " + louder.getWord()));
            try (Call<Word, Word> call = client.start(Words.SHOUT)) {
                call.send(word("well"));
                Word louder = call.receive();
                call.send(louder); // which depends on the reply
                System.out.println("talk:  " + call.receive().getWord());
            }
        }
    }

    private static Word word(String word) {
        return Word.newBuilder().setWord(word).build();
    }
}
