import Testing
import Datasets
@Test func t() { #expect(1 == 1) }
