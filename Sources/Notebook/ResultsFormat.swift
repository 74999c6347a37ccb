import HDF5

/// The layout of a results file. Raise `version` when a reader of today could misread a file of tomorrow.
enum ResultsFormat {
  static let name = "offprint-results"
  static let version = 1

  static let tensors = "tensors"
  static let traces = "traces"
  static let timings = "run/timings"
  static let claims = "claims"
  static let figures = "figures"
  static let settings = "settings"
  static let data = "data"

  /// Arrays beyond this are compressed, unless a figure plots them.
  static let largeTensorBytes = 1 << 20
}

extension HDF5Group {
  /// Writes one string as a scalar dataset. A scalar can carry no filter, so it has no Fletcher32.
  func writeText(_ text: String, to name: String) throws -> HDF5Dataset {
    try write([text], shape: [], to: name, layout: .contiguous)
  }
}
