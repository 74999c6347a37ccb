import Testing
import Plotting
@Test func t() { #expect(1 == 1) }
