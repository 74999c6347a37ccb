/// A text that must fit a length: broken at a space where that helps, and set smaller as a last resort.
package struct FittedText {
  /// The text, with a line's end where it is broken.
  package private(set) var text: String
  /// The size in points where it is not the theme's.
  package private(set) var points: Double?

  /// `text` for a place `width` centimetres wide and at most `lines` lines high; lines of its own stay.
  package init(_ text: String, width: Double, lines: Int = 2) {
    self.text = text
    guard Theme.width(text) > width else { return }
    // What is longer than a few lines is cut short by `Markup`, not broken.
    if lines > 1, text.utf8.count < 1000, Markup(text, keepsLines: true).lineCount == 1, let halves = Self.halves(text) {
      self.text = halves
    }
    let covered = Theme.width(self.text)
    if covered > width { points = max(5, Theme.fontSize * width / covered) }
  }

  package var lineCount: Int { Markup(text, keepsLines: true).lineCount }

  /// The text for a script.
  var markup: String { Markup(text, keepsLines: true).quoted() }

  /// The font where it is not the theme's, with a space before.
  var font: String { points.map { " font points(\(Number.short($0)))" } ?? "" }

  /// The text broken at the space that makes the longer half shortest; a formula is not broken.
  private static func halves(_ text: String) -> String? {
    text.indices.filter { text[$0] == " " && text[..<$0].count { $0 == "$" }.isMultiple(of: 2) }
      .map { text[..<$0] + "\n" + text[text.index(after: $0)...] }
      .map(String.init)
      .min { Theme.width($0) < Theme.width($1) }
  }
}
