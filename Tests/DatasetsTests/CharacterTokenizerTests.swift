import Datasets
import Tensors
import Testing

@Suite struct CharacterTokenizerTests {
  @Test func textsSurviveTheWayThereAndBack() throws {
    let text = "to be, or not to bé"
    let tokenizer = CharacterTokenizer(text)
    #expect(tokenizer.characters == [" ", ",", "b", "e", "n", "o", "r", "t", "é"])
    let tokens = try tokenizer.encode(text)
    #expect(tokens.shape == [19] && tokens.scalars.prefix(3) == [7, 5, 0])
    #expect(tokenizer.decode(tokens) == text)
  }

  @Test func unknownCharactersAreNamed() {
    let error = #expect(throws: DataError.self) { try CharacterTokenizer("abc").encode("abxc") }
    #expect(error?.description == "the text has 'x' at character 3, which is none of the 3 tokens")
  }
}
