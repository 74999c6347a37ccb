import Foundation

/// What `offprint watch` shows of a run that goes on: a small file beside its checkpoint, written anew about once a second.
package struct LiveView: Codable, Sendable {
  /// The loop that goes on, and how far it is.
  package var loop: String
  package var step, steps: Int
  /// Seconds of work so far.
  package var elapsed: Double
  package var traces: [Series]

  /// A trace thinned to what a terminal can show: the first of its values a step.
  package struct Series: Codable, Sendable {
    package var path: String
    package var steps: [Int]
    package var values: [Double]
  }

  fileprivate static let longest = 400

  /// The view at `path`; nil when there is none.
  package static func read(from path: String) -> LiveView? {
    FileManager.default.contents(atPath: path).flatMap { try? PropertyListDecoder().decode(LiveView.self, from: $0) }
  }

  /// Replaces the file. A view that is lost is no loss: nothing is made durable, and a full disk is no error here.
  func write(to path: String) {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try? AtomicFile.write(encoder.encode(self), to: path, isDurable: false)
  }
}

extension LiveView.Series {
  init(_ trace: Trace) {
    let width = max(1, trace.width)
    let count = trace.samples.steps.count
    let every = max(1, (count + LiveView.longest - 1) / LiveView.longest)
    let rows = Array(stride(from: 0, to: count, by: every))
    path = trace.path
    steps = rows.map { trace.samples.steps[$0] }
    values = rows.map { trace.samples.values[$0 * width] }
  }
}
