import Testing
import Notebook
@Test func t() { #expect(1 == 1) }
