package io.posixsocket.examples.words;

import io.posixsocket.rpc.Server;
import java.util.function.Consumer;
import words.Text;
import words.Word;
import words.Words;

/** The README's streams: {@code WordsServer unix:/tmp/words.sock}. */
public final class WordsServer implements Words {
    @Override
    public void split(Text text, Consumer<Word> words) {
        for (String word : text.getText().split(" ", -1))
            words.accept(Word.newBuilder().setWord(word).build());
    }

    @Override
    public Text join(Iterable<Word> words) {
        StringBuilder text = new StringBuilder();
        for (Word word : words) text.append(text.isEmpty() ? "" : " ").append(word.getWord());
        return Text.newBuilder().setText(text.toString()).build();
    }

    @Override
    public void shout(Iterable<Word> words, Consumer<Word> louder) {
        for (Word word : words)
            louder.accept(Word.newBuilder().setWord(word.getWord() + "!").build());
    }

    public static void main(String[] args) throws Exception {
        try (Server server = Server.builder()
                .listen(args[0])
                .service(Words.service(new WordsServer()))
                .start()) {
            server.awaitTermination();
        }
    }
}
