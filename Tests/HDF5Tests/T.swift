import Testing
import HDF5
@Test func t() { #expect(1 == 1) }
