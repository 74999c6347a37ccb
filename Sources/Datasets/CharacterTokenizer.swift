import Tensors

/// The characters of a text as tokens, numbered in the order of their code points: for language models of characters.
public struct CharacterTokenizer: Sendable, Hashable, Codable {
  /// The character of each token.
  public let characters: [String]

  /// All characters that occur in a text.
  public init(_ text: String) { characters = Set(text).sorted().map(String.init) }

  /// How many tokens there are.
  public var vocabulary: Int { characters.count }

  /// The tokens of a text, [characters].
  /// - Throws: ``DataError`` that names the first character which is no token.
  public func encode(_ text: String) throws -> Tensor<Int32> {
    let tokens = Dictionary(uniqueKeysWithValues: characters.enumerated().map { ($1, Int32($0)) })
    return Tensor(
      try text.enumerated().map { place, character in
        guard let token = tokens[String(character)] else {
          throw DataError(
            file: "the text", problem: "has '\(character)' at character \(place + 1), which is none of the \(vocabulary) tokens")
        }
        return token
      })
  }

  /// The text of tokens [count].
  public func decode(_ tokens: Tensor<Int32>) -> String { tokens.scalars.map { characters[Int($0)] }.joined() }
}
