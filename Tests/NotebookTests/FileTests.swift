import Notebook
import TestSupport
import Testing

/// All tests that touch libhdf5, one after the other.
@Suite(.serialized, .takesTurns) struct FileTests {}
