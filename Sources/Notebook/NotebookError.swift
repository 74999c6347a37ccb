/// What can go wrong around a run, each with what to do about it.
public enum NotebookError: Error, CustomStringConvertible {
  case unknownExperiment(String, near: [String])
  case notWritable(String, reason: String)
  case heldByAnother(String, owner: String)
  case damagedCheckpoint(String)
  case foreignCheckpoint(String)
  case noResult(String, run: String)
  case notAResult(String, reason: String)
  case inTheWay(String, reason: String)
  case futureFormat(String, version: Int)
  case missing(String, String, available: [String])
  case duplicateRecord(String)
  case otherCoordinates(String, String)
  case shape(String)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownExperiment(let name, let near):
      "no paper named '\(name)'"
        + (near.isEmpty ? "; `offprint list` shows all" : "; did you mean: \(near.joined(separator: ", "))")
    case .notWritable(let path, let reason):
      "cannot write \(path): \(reason); make room or permission there, or choose another folder with --results"
    case .heldByAnother(let path, let owner):
      "\(path) is being written by another run (\(owner)); wait for it, or choose another --seed"
    case .damagedCheckpoint(let path):
      "the checkpoint \(path) cannot be read; remove it, or run with --force to start again"
    case .foreignCheckpoint(let path):
      "the checkpoint \(path) was written with other settings; remove it, or run with --force to start again"
    case .noResult(let path, let run):
      "there is no result at \(path) yet; make it with: \(run)"
    case .notAResult(let path, let reason):
      "\(path) is not a complete Offprint result: \(reason)"
    case .inTheWay(let path, let reason):
      "\(path) is in the way: \(reason); move it away, or run with --force to replace it"
    case .futureFormat(let path, let version):
      "\(path) has format \(version), this Offprint reads up to \(ResultsFormat.version): update Offprint"
    case .missing(let path, let name, let available):
      "\(path) holds no '\(name)'" + (available.isEmpty ? "" : "; there are: \(available.joined(separator: ", "))")
    case .duplicateRecord(let path):
      "'\(path)' was recorded twice"
    case .otherCoordinates(let path, let dimension):
      "'\(path)' runs along '\(dimension)' with other coordinates than the rest of its group; "
        + "give the dimension another name, or record it in another group"
    case .shape(let message):
      message
    }
  }
}
