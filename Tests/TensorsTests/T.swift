import Testing
import Tensors
@Test func t() { #expect(1 == 1) }
