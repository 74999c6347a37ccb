import Notebook
import Testing

@Suite struct PlainTextTests {
  @Test func nothingMovesTheCursor() {
    #expect(PlainText.line("a\nb\tc\r\u{1B}]0;x\u{7}\u{85}\u{9B}2J") == "a b c \u{FFFD}]0;x\u{FFFD}\u{FFFD}\u{FFFD}2J")
    #expect(PlainText.lines("a\nb\r\nc") == "a\nb \nc")
    #expect(PlainText.line("\u{202E}txt\u{2066}\u{2028}\u{061C}\u{200F}") == "\u{FFFD}txt\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(PlainText.line("θ ≤ 中 👩‍🔬 e\u{301}") == "θ ≤ 中 👩‍🔬 e\u{301}")
    #expect(PlainText.line("") == "")
  }

  @Test func jsonStaysJSON() {
    #expect(PlainText.json("{\n \"a\": \"\u{202E}\u{9B}é\u{7F}\"\n}") == "{\n \"a\": \"\\u202e\\u009bé\\u007f\"\n}")
  }
}
