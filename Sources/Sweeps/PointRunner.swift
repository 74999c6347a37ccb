import Foundation
import HDF5
import Notebook

/// Runs neighbouring points of a sweep in this process, one after the other: a share of the pool, or a task of a cluster.
public struct PointRunner {
  /// What they are points of.
  public var points: SweepPoints
  /// Where the sweep lies.
  public var files: SweepFiles
  /// Runs one point.
  public var runner: Runner

  /// Its runs stop when `runner` is interrupted.
  public init(_ points: SweepPoints, files: SweepFiles, runner: Runner) {
    self.points = points
    self.files = files
    self.runner = runner
  }

  /// Runs those of `range` that are neither finished, nor failed, nor another process's; each goes on from its checkpoint.
  ///
  /// Ends with the first point that fails, which it adds to the sweep's failures: after a failed write libhdf5 is not to be trusted.
  /// - Parameter say: gets a ``PointReport`` for each.
  /// - Returns: whether every point of the range was dealt with; else the rest needs another process.
  /// - Throws: ``Interruption``
  package func run<E: Experiment>(_ experiment: E.Type, _ range: Range<Int>, say: (PointReport) -> Void) throws -> Bool {
    let failures = SweepFailures(files)
    let failed = failures.read()
    for index in range.clamped(to: 0..<points.count) {
      let point = points[index]
      guard failed[point.identity.stem] == nil else { continue }
      if let interruption = runner.interruption() { throw interruption }
      say(.begun(index))
      do {
        say(try report(of: point, as: experiment))
      } catch let interruption as Interruption {
        throw interruption
      } catch NotebookError.heldByAnother {
        say(.elsewhere(index))
      } catch {
        try failures.add(point.identity.stem, reason: "\(error)")
        say(.failed(index))
        return index == range.upperBound - 1
      }
    }
    return true
  }

  private func report<E: Experiment>(of point: SweepPoint, as experiment: E.Type) throws -> PointReport {
    let began = ContinuousClock.now
    let outcome = try runner.run(
      experiment, preset: points.sweep.preset, seed: point.seed, assignments: point.assignments, start: .resume)
    switch outcome {
    case .existing(let file), .finished(let file, _):
      let claims = try Results(file).storedClaims()
      // Settings may leave out what the claims are about: no claims are no success.
      let isReproduced = !claims.isEmpty && claims.allSatisfy { $0.verdict == .reproduced }
      return .done(point.index, seconds: (.now - began) / .seconds(1), isReproduced: isReproduced)
    }
  }
}
